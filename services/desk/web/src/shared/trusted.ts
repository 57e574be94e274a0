// Under "require-trusted-types-for 'script'" a worker's address must come from a policy. Ours passes addresses of our own
// origin alone.

interface Policy {
  createScriptURL(url: string): string;
}
interface Factory {
  createPolicy(name: string, rules: Policy): Policy;
}

let policy: Policy | undefined;

function sameOrigin(url: string): string {
  const full = new URL(url, location.href);
  if (full.origin !== location.origin) throw new TypeError("a worker of a foreign origin");
  return full.href;
}

export function scriptUrl(url: string): string {
  const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;
  if (!factory) return sameOrigin(url);
  policy ??= factory.createPolicy("haven", { createScriptURL: sameOrigin });
  return policy.createScriptURL(url);
}
