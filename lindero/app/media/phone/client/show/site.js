/** A site: the page of a whole map, which reads what lies beside it part by part. */

import { packOf } from "../data/decode.js";
import { SiteStore } from "../data/site_store.js";
import { byId } from "./dom.js";
import { start } from "./page.js";

const data = byId("data");
const pack = packOf((data.textContent || "").trim(), Number(data.dataset.size));
start(pack, (onRead) => new SiteStore(pack, onRead));
