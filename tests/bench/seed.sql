-- Contacts as a flow leaves them, before their hand-off to routing: the benchmark measures from there on.
-- psql variable `contacts`: how many.
INSERT INTO channels.person (id, display_name, language, contact_count, created_time)
SELECT ('00000000-bbbb-7bbb-8ccc-' || lpad(n::text, 12, '0'))::uuid, '', 'en', 1, now() FROM generate_series(0, :contacts - 1) n;
INSERT INTO channels.conversation (id, person_id, channel, channel_key, page_language, last_sequence, seen, received, version,
  last_agent_id, last_subject, created_time)
SELECT ('00000000-dddd-7bbb-8ccc-' || lpad(n::text, 12, '0'))::uuid, ('00000000-bbbb-7bbb-8ccc-' || lpad(n::text, 12, '0'))::uuid,
  1, 'website', 'en', 1, 0, 0, 1, '', '', now() FROM generate_series(0, :contacts - 1) n;
INSERT INTO channels.contact (id, conversation_id, channel, kind, state, owner, agent_id, epoch, queue, subject, language,
  created_time, end_reason, disposition, person_left, last_inbound, handled_through)
SELECT ('00000000-aaaa-7bbb-8ccc-' || lpad(n::text, 12, '0'))::uuid, ('00000000-dddd-7bbb-8ccc-' || lpad(n::text, 12, '0'))::uuid,
  1, 1, 1, 1, '', 1, '', 'help', 'en', now(), 0, '', false, 1, 0 FROM generate_series(0, :contacts - 1) n;
INSERT INTO channels.message (conversation_id, sequence, id, contact_id, author, author_id, author_name, public_name, kind, text,
  choice_id, event, created_time, delivery)
SELECT ('00000000-dddd-7bbb-8ccc-' || lpad(n::text, 12, '0'))::uuid, 1, ('00000000-eeee-7bbb-8ccc-' || lpad(n::text, 12, '0'))::uuid,
  ('00000000-aaaa-7bbb-8ccc-' || lpad(n::text, 12, '0'))::uuid, 1, '', '', '', 1, 'I need help with my papers.', '', 0, now(), 1
FROM generate_series(0, :contacts - 1) n;
ANALYZE channels.person, channels.conversation, channels.contact, channels.message;
