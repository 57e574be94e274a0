import { create, toBinary } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { WatchResponseSchema } from "../../gen/haven/desk/v1/feed_service_pb";
import { frameInfo, SignedOut } from "./frames";
import { FeedLoop, type Link } from "./loop";

const encode = (cursor: string, item: object) => toBinary(WatchResponseSchema, create(WatchResponseSchema, { cursor, item } as never));
const heartbeat = (cursor: string) => encode(cursor, { case: "heartbeatTime", value: timestampFromMs(Date.now()) });
const reset = encode("", { case: "reset", value: true });

describe("frame info", () => {
  it("reads cursor and kind without the protobuf runtime", () => {
    expect(frameInfo(heartbeat("12-7"))).toEqual({ cursor: "12-7", kind: "heartbeat" });
    expect(frameInfo(reset)).toEqual({ cursor: "", kind: "reset" });
    const long = "x".repeat(300);
    expect(frameInfo(encode(long, { case: "snapshot", value: { hubTime: timestampFromMs(1) } }))).toEqual({ cursor: long, kind: "snapshot" });
    expect(frameInfo(encode("u", { case: "update", value: {} }))).toEqual({ cursor: "u", kind: "update" });
  });
});

type Opening = (cursor: string, signal: AbortSignal) => AsyncIterable<Uint8Array>;

// Plays one opening after the other; the last one signs out so that the loop ends.
async function play(openings: readonly Opening[]) {
  const cursors: string[] = [];
  const links: Link["state"][] = [];
  let n = 0;
  const loop = new FeedLoop({
    watch: (cursor, signal) => {
      cursors.push(cursor);
      const opening = openings[n++];
      if (!opening) throw new SignedOut();
      return opening(cursor, signal);
    },
    onFrame: () => loop.retry(),
    onLink: (link) => {
      links.push(link.state);
      // A pause of the back-off is over at once.
      if (link.state === "reconnecting") setTimeout(() => loop.retry(), 0);
    },
    now: () => 0,
    random: () => 0,
  });
  await loop.run();
  return { cursors, links };
}

async function* frames(...list: Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const frame of list) yield frame;
}
async function* broken(...list: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* frames(...list);
  throw new Error("cut off");
}

describe("feed loop", () => {
  it("continues with the last cursor and stops when signed out", async () => {
    const { cursors, links } = await play([() => broken(heartbeat("5")), () => frames(heartbeat("6"), heartbeat("7"))]);
    expect(cursors).toEqual(["", "5", "7"]);
    expect(links).toEqual(["connecting", "live", "reconnecting", "live", "reconnecting", "signed-out"]);
  });

  it("begins anew after a reset", async () => {
    const { cursors } = await play([() => broken(heartbeat("5")), () => broken(reset)]);
    expect(cursors).toEqual(["", "5", ""]);
  });
});
