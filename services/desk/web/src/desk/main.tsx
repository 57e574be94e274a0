import { render } from "preact";
import { App } from "./app";
import { ScopeProvider } from "./context";
import { createDesk } from "./desk";
import { loadTexts } from "./i18n/load";
import "./styles/index.css";
import { armSound } from "./ui/sound";

const desk = createDesk();
armSound();
void loadTexts(desk.store.get().settings.language).then(() => {
  render(
    <ScopeProvider value={desk}>
      <App />
    </ScopeProvider>,
    document.getElementById("app")!,
  );
  void desk.actions.checkSession();
});
