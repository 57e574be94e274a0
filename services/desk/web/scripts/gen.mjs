// Generates src/gen from the repository's proto folder. Run before every build and type check: the code is not committed,
// so it can never differ from the contract. It needs no network: buf and protoc-gen-es come with the lock file.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const web = join(dirname(fileURLToPath(import.meta.url)), "..");
const proto = join(web, "../../../proto");
const packages = ["desk", "channels", "routing", "directory", "options", "errors"].map((p) => `haven/${p}`);
const paths = [...packages, "google/rpc/error_details.proto"].map((p) => join(proto, p));

function digest() {
  const hash = createHash("sha256");
  const add = (file) => hash.update(file).update(readFileSync(file));
  for (const path of paths) {
    if (path.endsWith(".proto")) add(path);
    else for (const file of readdirSync(join(path, "v1")).sort()) if (file.endsWith(".proto")) add(join(path, "v1", file));
  }
  add(join(web, "package-lock.json"));
  return hash.digest("hex");
}

const out = join(web, "src/gen");
const stamp = join(out, ".digest");
const now = digest();
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== now) {
  rmSync(out, { recursive: true, force: true });
  const args = ["generate", proto, "--template", "buf.gen.yaml", ...paths.flatMap((p) => ["--path", p])];
  execFileSync(join(web, "node_modules/.bin/buf"), args, { cwd: web, stdio: "inherit" });
  writeFileSync(stamp, now);
}
