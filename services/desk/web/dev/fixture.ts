// Made-up people and words for the gallery.
import { create } from "@bufbuild/protobuf";
import { timestampFromMs, type Timestamp } from "@bufbuild/protobuf/wkt";
import {
  AuthorKind,
  Channel,
  ContactSchema,
  ConversationEvent,
  DeliveryState,
  MessageKind,
  MessageSchema,
  OwnerKind,
  PersonSchema,
  type Contact,
  type Message,
} from "../src/gen/haven/channels/v1/conversation_pb";
import { ContactViewSchema, OfferSchema, type ContactView, type Offer } from "../src/gen/haven/desk/v1/feed_service_pb";
import { HubSpecSchema, UserSchema, type HubSpec, type User } from "../src/gen/haven/directory/v1/hub_pb";
import { Role } from "../src/gen/haven/options/v1/access_pb";
import { AssignmentSchema, AssignmentState, ReservationSchema, type Assignment } from "../src/gen/haven/routing/v1/routing_pb";
import { LONG_STORY, PEOPLE, type MadeUpPerson } from "./people";

export const NOW = Date.now();
const MINUTE = 60_000;
export const ago = (ms: number): Timestamp => timestampFromMs(NOW - ms);
export const within = (ms: number): Timestamp => timestampFromMs(NOW + ms);

export const hub: HubSpec = create(HubSpecSchema, {
  key: "lebanon",
  displayName: "Cedar Helpline Lebanon",
  timeZone: "Asia/Beirut",
  languages: ["ar", "en"],
  queues: [
    { key: "legal", displayName: "Legal advice" },
    { key: "shelter", displayName: "Shelter and rent" },
    { key: "general", displayName: "General questions" },
  ],
  subjects: [
    { key: "papers", titles: { en: "Papers and residence", ar: "الأوراق والإقامة" }, queue: "legal" },
    { key: "rent", titles: { en: "Rent or eviction", ar: "الإيجار أو الإخلاء" }, queue: "shelter" },
    { key: "cash", titles: { en: "Cash assistance", ar: "مساعدة نقدية" }, queue: "general" },
    { key: "safety", titles: { en: "I do not feel safe", ar: "لا أشعر بالأمان" }, queue: "legal" },
  ],
  dispositions: [
    { key: "informed", titles: { en: "Informed", ar: "أُعطي المعلومات" } },
    { key: "referred", titles: { en: "Referred to a partner", ar: "أُحيل إلى شريك" } },
    { key: "appointment", titles: { en: "Appointment made", ar: "حُدّد موعد" } },
    { key: "call-again", titles: { en: "Will contact us again", ar: "سيتواصل معنا لاحقًا" } },
    { key: "no-answer", titles: { en: "Person did not answer any more", ar: "لم يعد الشخص يرد" } },
  ],
});

export const me: User = create(UserSchema, { id: "u-1", username: "rana", displayName: "Rana Haddad", roles: [Role.AGENT] });

export function colleagues(): User[] {
  const names = ["Karim Nassar", "Maya Khoury", "Abdulrahman Al-Mohammadi bin Suleiman", "Joëlle Frem"];
  return names.map((displayName, i) => create(UserSchema, { id: `u-${i + 2}`, username: `user${i}`, displayName, roles: [Role.AGENT] }));
}

const conversationOf = (i: number) => `conversation-${i}`;
export const contactOf = (i: number) => `contact-${i}`;

interface Line {
  readonly by: AuthorKind;
  readonly text?: string;
  readonly note?: boolean;
  readonly event?: ConversationEvent;
  readonly delivery?: DeliveryState;
  readonly choices?: readonly string[];
}

function messages(i: number, lines: readonly Line[], endedAgo: number, firstSequence = 1): Message[] {
  return lines.map((line, k) =>
    create(MessageSchema, {
      id: `message-${i}-${firstSequence + k}`,
      conversationId: conversationOf(i),
      contactId: contactOf(i),
      sequence: BigInt(firstSequence + k),
      authorKind: line.by,
      authorId: line.by === AuthorKind.AGENT ? me.id : "",
      authorName: line.by === AuthorKind.AGENT ? me.displayName : line.by === AuthorKind.FLOW ? "" : "",
      kind: line.event ? MessageKind.EVENT : line.note ? MessageKind.NOTE : MessageKind.TEXT,
      text: line.text ?? "",
      event: line.event ?? ConversationEvent.UNSPECIFIED,
      choices: (line.choices ?? []).map((title, n) => ({ id: String(n), title })),
      deliveryState: line.delivery ?? (line.by === AuthorKind.AGENT && !line.note && !line.event ? DeliveryState.READ : DeliveryState.UNSPECIFIED),
      createTime: ago(endedAgo + (lines.length - k) * 70_000),
    }),
  );
}

function opening(person: MadeUpPerson): Line[] {
  const arabic = person.language === "ar";
  return [
    { by: AuthorKind.SYSTEM, event: ConversationEvent.STARTED },
    {
      by: AuthorKind.FLOW,
      text: arabic ? "أهلًا بك. عن ماذا تريد أن تتحدث؟" : "Welcome. What would you like to talk about?",
      choices: arabic ? ["الأوراق والإقامة", "الإيجار أو الإخلاء", "مساعدة نقدية"] : ["Papers and residence", "Rent or eviction", "Cash assistance"],
    },
    { by: AuthorKind.PERSON, text: arabic ? hub.subjects.find((s) => s.key === person.subject)!.titles["ar"] : hub.subjects.find((s) => s.key === person.subject)!.titles["en"] },
    { by: AuthorKind.SYSTEM, event: ConversationEvent.QUEUED },
    { by: AuthorKind.SYSTEM, event: ConversationEvent.AGENT_JOINED },
  ];
}

export function logOfPerson(i: number): Message[] {
  const person = PEOPLE[i]!;
  const said: Line[] = person.said.map((text) => ({ by: AuthorKind.PERSON, text }));
  if (i === 0) return mainConversation();
  return messages(i, [...opening(person), ...(person.answered ? [...said, { by: AuthorKind.AGENT, text: person.answered }] : said)], person.waited * 1000, 1);
}

// The selected one: long text, note, another script, direction overrides, markup.
function mainConversation(): Message[] {
  const lines: Line[] = [
    ...opening(PEOPLE[0]!),
    { by: AuthorKind.PERSON, text: LONG_STORY },
    { by: AuthorKind.AGENT, text: "Thank you for telling me all this. I am Rana, and I stay with you here until we know the next step." },
    { by: AuthorKind.AGENT, text: "May I ask two things first: when does your residence paper end, and did the owner give you anything in writing?" },
    { by: AuthorKind.PERSON, text: "It ends on 3 December. He only told my husband. ورقة الإقامة موجودة معي الآن" },
    { by: AuthorKind.AGENT, note: true, text: "Second eviction threat since spring, see contact of 14 May. Owner: same person." },
    { by: AuthorKind.PERSON, text: "He said <script>alert(1)</script> and sent me this link \u202Emoc.live\u202C I do not know what it is" },
    { by: AuthorKind.AGENT, text: "Please do not open it. I am going to connect you with our lawyer today.", delivery: DeliveryState.DELIVERED },
  ];
  return messages(0, lines, 2 * MINUTE, 31);
}

export function contactView(i: number): ContactView {
  const person = PEOPLE[i]!;
  const log = logOfPerson(i);
  return create(ContactViewSchema, {
    contact: contact(i),
    person: create(PersonSchema, {
      id: `person-${i}`,
      displayName: person.name,
      shortCode: person.code,
      language: person.language,
      firstContactTime: ago((i + 1) * 40 * 24 * 60 * MINUTE),
      contactCount: (i % 3) + 1,
    }),
    lastSequence: log.at(-1)!.sequence,
    personSeenSequence: log.at(-1)!.sequence - 1n,
  });
}

function contact(i: number): Contact {
  const person = PEOPLE[i]!;
  return create(ContactSchema, {
    id: contactOf(i),
    conversationId: conversationOf(i),
    channel: Channel.WEBCHAT,
    ownerKind: OwnerKind.AGENT,
    ownerId: me.id,
    epoch: 3n,
    queue: hub.subjects.find((s) => s.key === person.subject)!.queue,
    subject: person.subject,
    language: person.language,
    createTime: ago((20 + i) * MINUTE),
    personLeft: i === 4,
  });
}

export function assignment(i: number): Assignment {
  return create(AssignmentSchema, {
    contactId: contactOf(i),
    conversationId: conversationOf(i),
    epoch: 3n,
    queue: contact(i).queue,
    state: AssignmentState.ASSIGNED,
    assignTime: ago((40 - i) * MINUTE),
  });
}

export function offer(i: number): Offer {
  const view = contactView(i);
  return create(OfferSchema, {
    reservation: create(ReservationSchema, {
      id: `reservation-${i}`,
      contactId: contactOf(i),
      conversationId: conversationOf(i),
      queue: view.contact!.queue,
      createTime: ago(7000),
      deadlineTime: within(23_000),
      enqueueTime: ago(140_000),
    }),
    contact: { ...view, messages: logOfPerson(i) },
  });
}

export function pastContacts(): Contact[] {
  return [
    create(ContactSchema, { id: "past-1", conversationId: conversationOf(0), subject: "rent", disposition: "referred", createTime: ago(191 * 24 * 60 * MINUTE), lastInboundSequence: 20n }),
    create(ContactSchema, { id: "past-2", conversationId: conversationOf(0), subject: "cash", disposition: "informed", createTime: ago(230 * 24 * 60 * MINUTE), lastInboundSequence: 9n }),
  ];
}

export function earlierMessages(): Message[] {
  return messages(0, [{ by: AuthorKind.PERSON, text: "The owner wants us to leave." }, { by: AuthorKind.AGENT, text: "I am sorry. Let us look at your contract together." }], 191 * 24 * 60 * MINUTE);
}
