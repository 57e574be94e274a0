import { useEffect } from "preact/hooks";
import { useActions, useDesk, useHubNow, useTexts } from "../context";
import { queueTitle } from "../state/names";
import { dateOf } from "../state/selectors";
import { Dialog } from "../ui/dialog";

const EVERY_MS = 5000;

export function QueuesDialog({ onClose }: { onClose: () => void }) {
  const { t, f } = useTexts();
  const { loadFigures } = useActions();
  const figures = useDesk((s) => s.figures);
  const hub = useDesk((s) => s.hub);
  const now = useHubNow();
  useEffect(() => {
    void loadFigures();
    const timer = setInterval(() => document.visibilityState === "visible" && void loadFigures(), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <Dialog title={t("queues.title")} onClose={onClose} size="wide">
      {figures?.length === 0 && <p class="quiet">{t("queues.none")}</p>}
      {figures && figures.length > 0 && (
        <div class="table-frame" tabIndex={0} role="region" aria-label={t("queues.title")}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("fact.queue")}</th>
                <th scope="col">{t("queues.waiting")}</th>
                <th scope="col">{t("queues.longest")}</th>
                <th scope="col">{t("queues.in-progress")}</th>
                <th scope="col">{t("queues.free")}</th>
              </tr>
            </thead>
            <tbody>
              {figures.map((q) => {
                const since = dateOf(q.longestWaitStartTime);
                return (
                  <tr key={q.queue}>
                    <th scope="row">
                      <bdi>{queueTitle(hub, q.queue)}</bdi>
                    </th>
                    <td>{f.number(q.waiting)}</td>
                    <td>{since ? f.stopwatch((now - since.getTime()) / 1000) : "–"}</td>
                    <td>{f.number(q.inProgress)}</td>
                    <td>{t("queues.free-of", { n: q.agentsFree, all: q.agentsAvailable })}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </Dialog>
  );
}
