// Everything a view can make happen. Views know this interface alone, not how it is done.
import type { Activity } from "../../gen/haven/routing/v1/routing_pb";
import type { Message } from "../../gen/haven/channels/v1/conversation_pb";
import type { User } from "../../gen/haven/directory/v1/hub_pb";
import type { Failure } from "../api/errors";
import type { Mode, Overlay, Screen, WrapUpForm } from "../state/model";
import type { Settings } from "../state/settings";

export type TransferTarget = { readonly queue: string } | { readonly agentId: string };

export interface SessionActions {
  signIn(username: string, password: string): Promise<Failure | undefined>;
  // Asks first when replies wait, unless told to go without them.
  signOut(evenWithUnsent?: boolean): Promise<void>;
  setActivity(activity: Activity): Promise<void>;
  retryLink(): void;
  checkSession(): Promise<void>;
}

export interface ContactActions {
  accept(reservationId: string): Promise<void>;
  decline(reservationId: string): Promise<void>;
  complete(contactId: string): Promise<void>;
  changeWrapUp(contactId: string, change: Partial<WrapUpForm>): void;
  finishWrapUp(contactId: string): Promise<void>;
  extendWrapUp(contactId: string): Promise<void>;
  transfer(contactId: string, target: TransferTarget, note: string): Promise<boolean>;
  dismissReopened(contactId: string): void;
}

export interface ConversationActions {
  send(contactId: string, mode: Mode, text: string): Promise<void>;
  retry(requestId: string): Promise<void>;
  discard(requestId: string): Promise<void>;
  sendHeld(): Promise<void>;
  discardHeld(): Promise<void>;
  setDraft(conversationId: string, mode: Mode, text: string): void;
  loadEarlier(conversationId: string): Promise<void>;
  markSeen(conversationId: string, sequence: bigint): void;
  loadHistory(conversationId: string): Promise<void>;
  // Messages of one earlier contact.
  readContact(conversationId: string, contactId: string, lastInbound: bigint): Promise<readonly Message[]>;
  findUsers(prefix: string): Promise<readonly User[]>;
  loadFigures(): Promise<void>;
}

export interface ScreenActions {
  select(contactId: string | null): void;
  setMode(contactId: string, mode: Mode): void;
  show(screen: Screen): void;
  togglePerson(open?: boolean): void;
  open(overlay: Overlay): void;
  close(): void;
  change(settings: Partial<Settings>): Promise<void>;
  dismiss(toastId: number): void;
}

export type Actions = SessionActions & ContactActions & ConversationActions & ScreenActions;
