// What must hold in a chaos run; each finding is one line of text. The population's own acknowledgements are the ledger of truth.

function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

/** Every acknowledged message and reply is in its conversation exactly once, at the place that was told. */
export async function checkMessages(visitors, agents) {
  const findings = [];
  let acknowledged = 0;
  const replies = groupBy(agents.flatMap((a) => a.replies), (r) => r.conversationId);
  for (const visitor of visitors) {
    if (!visitor.conversationId) continue;
    // What comes while the history is read is not yet asked for.
    const told = [...visitor.acknowledged, ...(replies.get(visitor.conversationId) ?? [])];
    acknowledged += visitor.acknowledged.length;
    const history = await visitor.history();
    const who = `visitor ${visitor.number}`;
    history.forEach((m, i) => {
      if (i > 0 && Number(m.sequence) <= Number(history[i - 1].sequence)) findings.push(`${who}: sequence ${m.sequence} is out of order`);
    });
    const byId = groupBy(history, (m) => m.id);
    for (const { id, sequence } of told) {
      const same = byId.get(id) ?? [];
      if (same.length !== 1) findings.push(`${who}: an acknowledged message is there ${same.length} times`);
      else if (Number(same[0].sequence) !== sequence) findings.push(`${who}: an acknowledged message changed its place`);
    }
    const texts = history.filter((m) => m.authorKind === "AUTHOR_KIND_PERSON" && m.text.startsWith("message ")).map((m) => m.text);
    if (new Set(texts).size !== texts.length) findings.push(`${who}: a repeated request made a second message`);
  }
  return { findings, acknowledged };
}

/** Nobody was answered with a mistake of the hub's. */
export function checkAnswers(visitors, agents) {
  return [
    ...visitors.flatMap((v) => v.refused.map((e) => `visitor ${v.number}: refused for good: ${e.message}`)),
    ...agents.flatMap((a) => a.refused.map((e) => `${a.username}: ${e.message}`)),
  ];
}

/** P3: each inbound message belongs to a contact that is open in exactly one place, or was ended by somebody who had seen it. */
export function checkCoverage(stage) {
  const lines = (statement, text) => stage.sql(statement).map((row) => text.replace(/\$(\d)/g, (_, i) => row[i - 1]));
  return [
    // Ends: 1 completed and 2 by the flow have a reader, who must have seen it; the other reasons are the declared ones.
    ...lines(
      `SELECT m.id FROM channels.message m LEFT JOIN channels.contact c ON c.id = m.contact_id
       WHERE m.author = 1 AND (c.id IS NULL OR (c.state = 2 AND (c.end_reason NOT BETWEEN 1 AND 5 OR (c.end_reason IN (1, 2) AND c.handled_through < m.sequence))))`,
      "message $1 is covered by no contact",
    ),
    ...lines(
      `SELECT c.id, c.owner, c.epoch, coalesce(l.state, 0), coalesce(l.epoch, 0) FROM channels.contact c LEFT JOIN routing.ledger l ON l.contact_id = c.id
       WHERE c.state = 1 AND NOT CASE c.owner
         WHEN 1 THEN l.contact_id IS NULL OR l.epoch < c.epoch
         WHEN 2 THEN coalesce(l.state = 1 AND l.epoch = c.epoch, false)
         ELSE coalesce(l.state IN (2, 3) AND l.epoch = c.epoch AND l.agent_id::text = c.agent_id, false) END`,
      "contact $1 is open with owner $2 and epoch $3, in the ledger it has state $4 and epoch $5",
    ),
    ...lines(
      `SELECT l.contact_id, l.state FROM routing.ledger l LEFT JOIN channels.contact c ON c.id = l.contact_id WHERE l.state < 4 AND (c.id IS NULL OR c.state = 2)`,
      "contact $1 has ended and has state $2 in the ledger",
    ),
  ];
}

/** P4: one epoch of a contact belongs to one agent, and once a later owner has spoken an earlier one is not heard any more. */
export function checkOwners(agents) {
  const findings = [];
  const owner = new Map();
  const claim = (key, username, how) => {
    if (owner.has(key) && owner.get(key) !== username) findings.push(`contact ${key.replace(":", ", epoch ")}: two owners (${how})`);
    owner.set(key, username);
  };
  for (const agent of agents) for (const a of agent.accepted) claim(`${a.contactId}:${a.epoch}`, agent.username, "accepted");
  for (const agent of agents) for (const key of agent.shown) claim(key, agent.username, "shown");
  for (const agent of agents) for (const r of agent.replies) claim(`${r.contactId}:${r.epoch}`, agent.username, "replied");
  for (const [contact, replies] of groupBy(agents.flatMap((a) => a.replies), (r) => r.contactId)) {
    replies.sort((a, b) => a.sequence - b.sequence);
    for (let i = 1; i < replies.length; i++) {
      if (replies[i].epoch < replies[i - 1].epoch) findings.push(`contact ${contact}: a reply of epoch ${replies[i].epoch} after one of epoch ${replies[i - 1].epoch}`);
    }
  }
  return findings;
}

/** Everything that was handed over has arrived, and nobody is left waiting. */
export function checkAtRest(stage) {
  const findings = [];
  for (const [schema] of stage.sql("SELECT table_schema FROM information_schema.tables WHERE table_name = 'outbox'")) {
    for (const [kind, left] of stage.sql(`SELECT kind, count(*) FROM ${schema}.outbox GROUP BY kind`)) findings.push(`${left} hand-offs of ${schema} (${kind}) are still under way`);
    for (const [code, refused] of stage.sql(`SELECT kind || ' ' || code, count(*) FROM ${schema}.outbox_refused GROUP BY 1`)) findings.push(`${refused} hand-offs of ${schema} were refused for good: ${code}`);
  }
  for (const [contact, owner] of stage.sql("SELECT id, owner FROM channels.contact WHERE state = 1 AND owner <> 1")) findings.push(`contact ${contact} is still open with owner ${owner}`);
  return findings;
}

/**
 * Watches that nobody waits beside a free agent. A contact's clock runs while it is queued and not offered, and at every look some agent
 * could take it; and, whether or not anybody is free, from the first time that one which came later was offered in its stead.
 */
export class Waiting {
  constructor(agents, limitS) {
    this.agents = agents;
    this.limitS = limitS;
    this.heard = new Map(agents.map((a) => [a, 0]));
    this.findings = [];
    this.longest = 0;
    this.judged = new Set();
    this.clear();
  }

  /** A fault: everything begins anew. */
  clear() {
    this.contacts = new Map(); // key -> {since, passedOver}
    this.enqueued = new Map();
    for (const agent of this.agents) this.heard.set(agent, agent.offers.length);
  }

  /** `queued`: rows of contact, epoch and enqueued time, as text; `now` in ms. */
  look(queued, now) {
    const someoneFree = this.agents.some((a) => a.free);
    const offers = [];
    for (const agent of this.agents) {
      offers.push(...agent.offers.slice(this.heard.get(agent)));
      this.heard.set(agent, agent.offers.length);
    }
    const offeredUntil = new Map(offers.map((o) => [o.contactId, o.until]));
    const before = this.contacts;
    this.contacts = new Map();
    for (const [contact, epoch, enqueued] of queued) {
      this.enqueued.set(contact, Number(enqueued));
      this.judged.add(contact);
      const key = `${contact}:${epoch}`;
      let clock = before.get(key) ?? { since: undefined, passedOver: undefined, offered: 0 };
      if (offeredUntil.has(contact)) clock = { since: undefined, passedOver: undefined, offered: offeredUntil.get(contact) };
      this.contacts.set(key, clock);
      if (now <= clock.offered) continue;
      clock.since = someoneFree ? (clock.since ?? now) : undefined;
      const overtaken = before.has(key) && offers.some((o) => this.enqueued.get(o.contactId) > Number(enqueued));
      if (overtaken) clock.passedOver ??= now;
      if (clock.since !== undefined) this.judge(key, (now - clock.since) / 1000, "beside a free agent");
      if (overtaken) this.judge(key, (now - clock.passedOver) / 1000, "while later ones were offered");
    }
  }

  judge(key, seconds, how) {
    this.longest = Math.max(this.longest, seconds);
    if (seconds > this.limitS && this.findings.length < 20) this.findings.push(`contact ${key.replace(":", ", epoch ")}: waited ${seconds.toFixed(0)} s ${how}`);
  }
}
