export class PbfReader {
  constructor(bytes: Uint8Array);
}
