// Tests read the generated code as well.
import "./gen.mjs";

export function setup() {}
