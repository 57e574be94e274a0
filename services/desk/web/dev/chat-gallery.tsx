// Development only: the chat page over made-up states. /dev/chat-gallery.html?state=talk&lang=ar&theme=dark
import { render } from "preact";
import { App } from "../src/chat/app";
import { Chat } from "../src/chat/chat";
import "../src/chat/chat.css";
import type { ChatLanguage, ChatState, WireMessage } from "../src/chat/types";

const query = new URLSearchParams(location.search);
const arabic = query.get("lang") === "ar";
document.documentElement.dataset["theme"] = query.get("theme") ?? "light";

const languages: ChatLanguage[] = [
  { tag: "ar", name: "العربية", rightToLeft: true, privacy: "تقرأ ما تكتبه مرشداتنا فقط، ويُحفظ سنتين ثم يُحذف." },
  { tag: "en", name: "English", privacy: "Only our advisers read what you write. It is kept for two years and then deleted." },
  { tag: "fr", name: "Français", privacy: "Seules nos conseillères lisent ce que vous écrivez." },
  { tag: "my", name: "မြန်မာ" },
];
const language = languages[arabic ? 0 : 1]!;
const say = (sequence: number, by: string, text: string, more: Partial<WireMessage> = {}): WireMessage => ({
  id: `m${sequence}`,
  sequence: String(sequence),
  authorKind: `AUTHOR_KIND_${by}`,
  kind: "MESSAGE_KIND_TEXT",
  text,
  createTime: new Date(Date.now() - (20 - sequence) * 60_000).toISOString(),
  ...more,
});
const event = (sequence: number, name: string, authorName = "") =>
  say(sequence, "SYSTEM", "", { kind: "MESSAGE_KIND_EVENT", event: `CONVERSATION_EVENT_${name}`, authorName });
const choices = (arabic ? ["الأوراق والإقامة", "الإيجار أو الإخلاء", "لا أشعر بالأمان"] : ["Papers and residence", "Rent or eviction", "I do not feel safe"]).map(
  (title, i) => ({ id: String(i), title }),
);
const greeting = [
  event(1, "STARTED"),
  say(2, "FLOW", arabic ? "أهلًا بك. أنا رد آلي، وسأوصلك بإنسان." : "Hello. I am an automatic answer and will bring you to a human being."),
  say(3, "FLOW", arabic ? "عن ماذا تريد أن تتحدث؟" : "What would you like to talk about?", { choices }),
];
const talk = [
  ...greeting,
  say(4, "PERSON", choices[1]!.title),
  event(5, "QUEUED"),
  event(6, "AGENT_JOINED", "Rana"),
  say(7, "AGENT", arabic ? "مساء الخير، أنا رنا. خذ وقتك." : "Good evening, I am Rana. Take your time.", { authorName: "Rana" }),
  say(8, "PERSON", "The owner wants us out by Friday. المالك يريد إخراجنا"),
  say(9, "AGENT", "He may not do that without a court. \u202Etxet desrever\u202C <b>is shown as it is</b>.", { authorName: "Rana" }),
];
const queued = [...greeting, say(4, "PERSON", choices[2]!.title), event(5, "QUEUED")];

const base: Partial<ChatState> = {
  language,
  settings: { hubName: "Cedar Helpline Lebanon", languages, open: true, quickExitUrl: "https://www.wikipedia.org/" },
  line: "live",
};
const out = (text: string, refused = false) => ({ requestId: text, text, choiceId: "", createdAt: Date.now(), refused });
const STATES: Readonly<Record<string, Partial<ChatState>>> = {
  start: { screen: "start" },
  closed: { screen: "start", settings: { ...base.settings, open: false, opensTime: new Date(Date.now() + 4e7).toISOString() }, trouble: "throttled" },
  veiled: { screen: "veiled" },
  choices: { screen: "talk", messages: greeting },
  queued: { screen: "talk", messages: queued, who: { kind: "queue", name: "", waitSeconds: 300 } },
  talk: { screen: "talk", messages: talk, who: { kind: "agent", name: "Rana", waitSeconds: 0 }, outgoing: [out("And I have the contract here.")] },
  lost: { screen: "talk", messages: talk, who: { kind: "agent", name: "Rana", waitSeconds: 0 }, line: "lost", outgoing: [out("Hello?"), out("This one was refused", true)] },
};

const chat = new Chat("gallery", []);
chat.state = { ...chat.state, ...base, ...STATES[query.get("state") ?? "talk"] };
render(<App chat={chat} state={chat.state} />, document.getElementById("app")!);
