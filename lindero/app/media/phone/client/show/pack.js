/** A pack: one file that holds all of it. */

import { packOf } from "../data/decode.js";
import { WholeStore } from "../data/whole_store.js";
import { byId } from "./dom.js";
import { start } from "./page.js";

const data = byId("data");
const pack = packOf((data.textContent || "").trim(), Number(data.dataset.size));
start(pack, () => new WholeStore(pack));
