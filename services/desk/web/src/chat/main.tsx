import { render } from "preact";
import { App } from "./app";
import { Chat } from "./chat";
import "./chat.css";
import { listenForEscape, quickExit } from "./exit";

const query = new URLSearchParams(location.search);
const wanted = [query.get("lang") ?? "", ...navigator.languages].filter(Boolean);
const chat = new Chat(query.get("channel") ?? "", wanted);
const root = document.getElementById("app")!;

const dark = matchMedia("(prefers-color-scheme: dark)");
const theme = () => (document.documentElement.dataset["theme"] = dark.matches ? "dark" : "light");
theme();
dark.addEventListener("change", theme);

listenForEscape(() => quickExit(chat));
addEventListener("online", () => chat.lineIsBack());
addEventListener("offline", () => chat.lineIsLost());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && chat.lineIsBack());
// Restored by the back button: what was cleared must not be drawn again, what runs must be asked anew.
addEventListener("pageshow", (event) => event.persisted && location.reload());

const draw = () => render(<App chat={chat} state={chat.state} />, root);
chat.subscribe(draw);
draw();
void chat.open();
