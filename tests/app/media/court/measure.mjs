// Ask the modules of a dossier's page what Python's tests ask Python's: cases as JSON on standard input, answers out.
import { readFileSync } from "node:fs";

import { compared } from "../../../../lindero/app/media/court/client/areas.js";
import { ringsOf } from "../../../../lindero/app/media/court/client/plane.js";
import { sharedGround } from "../../../../lindero/app/media/court/client/shared_ground.js";

const ASKED = {
  compared: ([told, boundaries]) => compared(told, boundaries),
  shared: ([own, others, meridian]) => sharedGround(ringsOf(own, meridian), others.map((other) => ringsOf(other, meridian))),
};

const { what, cases } = JSON.parse(readFileSync(0, "utf-8"));
process.stdout.write(JSON.stringify(cases.map(ASKED[what])));
