// The parts of haven.channels.v1 that the page uses, as proto3 JSON writes them: 64-bit numbers are strings, values that are
// zero are left out.

export interface Choice {
  readonly id: string;
  readonly title: string;
}

export interface WireMessage {
  readonly id: string;
  readonly sequence?: string;
  readonly authorKind?: string;
  readonly authorName?: string;
  readonly kind?: string;
  readonly text?: string;
  readonly choices?: readonly Choice[];
  readonly choiceId?: string;
  readonly event?: string;
  readonly createTime?: string;
  readonly requestId?: string;
}

export interface ChatLanguage {
  readonly tag: string;
  readonly name: string;
  readonly rightToLeft?: boolean;
  readonly privacy?: string;
}

export interface Settings {
  readonly hubName?: string;
  readonly languages?: readonly ChatLanguage[];
  readonly open?: boolean;
  readonly opensTime?: string;
  readonly quickExitUrl?: string;
}

export interface WireState {
  readonly ownerKind?: string;
  readonly agentName?: string;
  readonly ended?: boolean;
  readonly estimatedWaitSeconds?: number;
}

export interface WatchResponse {
  readonly messages?: readonly WireMessage[];
  readonly state?: WireState;
  readonly heartbeat?: boolean;
}

// A message waiting for the hub's word.
export interface Outgoing {
  readonly requestId: string;
  readonly text: string;
  readonly choiceId: string;
  readonly createdAt: number;
  readonly refused?: boolean;
}

export interface Who {
  readonly kind: "flow" | "queue" | "agent" | "ended";
  readonly name: string;
  readonly waitSeconds: number;
}

export interface ChatState {
  readonly screen: "loading" | "unreachable" | "start" | "veiled" | "talk";
  readonly settings: Settings;
  readonly language: ChatLanguage;
  readonly messages: readonly WireMessage[];
  readonly outgoing: readonly Outgoing[];
  readonly who: Who;
  readonly line: "live" | "connecting" | "lost" | "polling";
  readonly starting: boolean;
  readonly trouble: "" | "closed" | "throttled" | "unreachable" | "gone";
  readonly retryAfter: number;
  // Whether this browser keeps the chat for a later visit.
  readonly durable: boolean;
}
