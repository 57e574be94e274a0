import { createClient, type Client } from "@connectrpc/connect";
import { ConversationService } from "../../gen/haven/channels/v1/conversation_service_pb";
import { DirectoryService } from "../../gen/haven/directory/v1/directory_service_pb";
import { IdentityService } from "../../gen/haven/directory/v1/identity_service_pb";
import { RoutingService } from "../../gen/haven/routing/v1/routing_service_pb";
import { transport } from "./transport";

export interface Clients {
  readonly identity: Client<typeof IdentityService>;
  readonly directory: Client<typeof DirectoryService>;
  readonly routing: Client<typeof RoutingService>;
  readonly conversations: Client<typeof ConversationService>;
}

export const clients: Clients = {
  identity: createClient(IdentityService, transport),
  directory: createClient(DirectoryService, transport),
  routing: createClient(RoutingService, transport),
  conversations: createClient(ConversationService, transport),
};
