// The pages' own message files, read by esbuild, which comes with the web folder: a spec cannot disagree with a label.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const web = join(dirname(fileURLToPath(import.meta.url)), "../../../services/desk/web");
const esbuild = createRequire(createRequire(join(web, "package.json")).resolve("vite"))("esbuild");

async function load(entry) {
  const { outputFiles } = await esbuild.build({ entryPoints: [join(web, entry)], bundle: true, write: false, format: "esm", platform: "neutral" });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString("base64")}`);
}

export const deskTexts = { ...(await load("src/desk/i18n/en.ts")), ...(await load("src/desk/i18n/ar.ts")) };
export const chatTexts = (await load("src/chat/texts.ts")).catalogs;
