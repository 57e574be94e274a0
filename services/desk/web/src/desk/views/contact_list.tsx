import { useDesk, useTexts } from "../context";
import { Activity } from "../../gen/haven/routing/v1/routing_pb";
import { heldContacts, openOffers } from "../state/selectors";
import { sameItems } from "../state/store";
import { ContactCard } from "./contact_card";
import { OfferCard } from "./offer_card";

export function ContactList() {
  const { t } = useTexts();
  const offers = useDesk(openOffers, sameItems);
  const contacts = useDesk(
    heldContacts,
    (a, b) => a.length === b.length && a.every((c, i) => c.assignment === b[i]!.assignment && c.view === b[i]!.view),
  );
  const synced = useDesk((s) => s.feed.synced);
  return (
    <nav class="left" aria-label={t("contacts.label")}>
      <div class="offers" role="region" aria-label={t("offers.label")}>
        {offers.map((offer) => (
          <OfferCard key={offer.reservation?.id} offer={offer} />
        ))}
      </div>
      <h2 class="left-head">
        {t("contacts.mine")} {contacts.length > 0 && <span class="count">{contacts.length}</span>}
      </h2>
      {contacts.length > 0 ? (
        <ul class="cards">
          {contacts.map((held) => (
            <li key={held.assignment.contactId}>
              <ContactCard held={held} />
            </li>
          ))}
        </ul>
      ) : (
        synced && <NoContacts />
      )}
    </nav>
  );
}

function NoContacts() {
  const { t } = useTexts();
  const available = useDesk((s) => s.feed.agent?.activity === Activity.AVAILABLE);
  return (
    <div class="empty">
      <p>{available ? t("contacts.empty-available") : t("contacts.empty-away")}</p>
    </div>
  );
}
