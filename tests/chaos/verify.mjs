// What must hold after a chaos run; each finding is one line of text. The population's own acknowledgements are the ledger of truth.

/** Every acknowledged message is in its conversation exactly once, in the order of its sequence. */
export async function checkMessages(visitors) {
  const findings = [];
  let acknowledged = 0;
  for (const visitor of visitors) {
    if (!visitor.conversationId) continue;
    const history = await visitor.history();
    history.forEach((m, i) => {
      if (Number(m.sequence) !== i + 1 && i > 0 && Number(m.sequence) <= Number(history[i - 1].sequence)) findings.push(`visitor ${visitor.number}: sequence ${m.sequence} out of order`);
    });
    const mine = history.filter((m) => m.authorKind === "AUTHOR_KIND_PERSON");
    for (const told of visitor.acknowledged) {
      acknowledged++;
      const same = mine.filter((m) => m.id === told.id);
      if (same.length !== 1) findings.push(`visitor ${visitor.number}: an acknowledged message is there ${same.length} times`);
      else if (Number(same[0].sequence) !== told.sequence) findings.push(`visitor ${visitor.number}: an acknowledged message changed its place`);
    }
    const texts = mine.map((m) => m.text).filter((t) => t.startsWith("message "));
    if (new Set(texts).size !== texts.length) findings.push(`visitor ${visitor.number}: a repeated request made a second message`);
    for (const refused of visitor.refused) findings.push(`visitor ${visitor.number}: refused for good: ${refused.message}`);
  }
  return { findings, acknowledged };
}

/** P3: each inbound message belongs to a contact that is open in exactly one place, or was ended by somebody who had seen it. */
export function checkCoverage(stage) {
  const findings = [];
  for (const [message] of stage.sql(`
      SELECT m.id FROM channels.message m LEFT JOIN channels.contact c ON c.id = m.contact_id
      WHERE m.author = 1 AND (c.id IS NULL OR (c.state = 2 AND c.end_reason IN (1, 2) AND c.handled_through < m.sequence))`)) {
    findings.push(`message ${message} is covered by no contact`);
  }
  for (const [contact] of stage.sql(`
      SELECT c.id FROM channels.contact c LEFT JOIN routing.ledger l ON l.contact_id = c.id
      WHERE c.state = 1 AND c.owner <> 1 AND (l.contact_id IS NULL OR l.state = 4)`)) {
    findings.push(`contact ${contact} is open and nowhere in routing`);
  }
  for (const [contact] of stage.sql(`
      SELECT l.contact_id FROM routing.ledger l JOIN channels.contact c ON c.id = l.contact_id WHERE l.state IN (1, 2) AND c.state = 2`)) {
    findings.push(`contact ${contact} has ended and is alive in the ledger`);
  }
  return findings;
}

/** P4: one epoch of a contact was told to one agent, and only that agent's replies carry it. */
export function checkOwners(agents) {
  const findings = [];
  const owner = new Map();
  const claim = (contactId, epoch, username, how) => {
    const key = `${contactId}:${epoch}`;
    if (owner.has(key) && owner.get(key) !== username) findings.push(`contact ${contactId}, epoch ${epoch}: two owners (${how})`);
    owner.set(key, username);
  };
  for (const agent of agents) for (const a of agent.accepted) claim(a.contactId, a.epoch, agent.username, "accepted");
  for (const agent of agents) for (const r of agent.replies) claim(r.contactId, r.epoch, agent.username, "replied");
  return findings;
}

/** Everything that was handed over has arrived. */
export function checkAtRest(stage) {
  const findings = [];
  for (const schema of ["channels", "ivr", "routing", "directory"]) {
    const [[left]] = stage.sql(`SELECT count(*) FROM ${schema}.outbox`);
    if (left !== "0") findings.push(`${left} hand-offs of ${schema} are still under way`);
    const [[refused]] = stage.sql(`SELECT count(*) FROM ${schema}.outbox_refused`);
    if (refused !== "0") findings.push(`${refused} hand-offs of ${schema} were refused for good`);
  }
  return findings;
}
