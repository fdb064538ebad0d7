"""Promotions to ads: account → campaign → ad group → ad (DOMAIN c.1).

An advertiser has one account, in US dollars. The world's ad group is a name; ours has one bid and
one budget, so promotions of one name that differ in terms are ad groups of one name.
"""

from collections.abc import Iterator

import msgspec

from domain.boards import BoardPrivacy
from domain.campaigns import AdAccountRecord, AdGroupRecord, AdRecord, CampaignRecord, TargetingSpec
from domain.record import Id
from storage.codec import document
from worlds import cleaning
from worlds.conversion import Write, new_topics, topics_of
from worlds.format import PromotionRow
from worlds.ids import Kind, name_of, stable_id
from worlds.references import PinEntry, References, UserEntry
from worlds.report import BadRow

CURRENCY = "USD"
COUNTRY = "US"
MAX_NAME = 255

UNNAMED_CAMPAIGN = "Promotions"

PRIOR_CTR_PPM = 5_000
"""What is predicted for a promotion without a prediction: the prior p0 of DOMAIN c.1 [ours]."""


def convert_promotion(row: PromotionRow, references: References) -> Iterator[Write]:
    """The ad of a row, with those of its account, campaign and ad group that are new."""
    advertiser = references.get(UserEntry, row.advertiser)
    if advertiser is None:
        raise BadRow(f"advertiser: unknown reference {row.advertiser!r:.80}")
    pin = _promotable_pin(row, advertiser, references)
    campaign_name = cleaning.text("campaign", row.campaign, most=MAX_NAME) or UNNAMED_CAMPAIGN
    group_name = cleaning.text("ad_group", row.ad_group, most=MAX_NAME) or campaign_name
    topics = topics_of((row.targeting.topics if row.targeting else None) or ())
    if not references.claim(Kind.AD, row.id):
        raise BadRow(f"id: {row.id!r:.80} is used by an earlier row")

    account = _account(row, advertiser)
    campaign = _campaign(row, account, campaign_name)
    group = _ad_group(row, campaign, group_name, tuple(topic.id for topic in topics))
    created_at = max(group.created_at, pin.created_at)
    ad = AdRecord(
        id=stable_id(Kind.AD, row.id, created_at),
        ad_account_id=account.id,
        campaign_id=campaign.id,
        ad_group_id=group.id,
        pin_id=pin.id,
        name=row.id[:MAX_NAME],
        created_at=created_at,
        pctr_ppm=PRIOR_CTR_PPM if row.predicted_ctr_ppm is None else row.predicted_ctr_ppm,
        destination_url=pin.link,
    )
    yield from new_topics(topics, references)
    if references.claim(Kind.AD_ACCOUNT, account.id):
        yield Write("ad_accounts", document(account))
    if references.claim(Kind.CAMPAIGN, campaign.id):
        yield Write("campaigns", document(campaign))
    if references.claim(Kind.AD_GROUP, group.id):
        yield Write("ad_groups", document(group))
    yield Write("ads", document(ad))


def _promotable_pin(row: PromotionRow, advertiser: UserEntry, references: References) -> PinEntry:
    """The pin of a promotion, if it can be one (INV-13)."""
    pin = references.get(PinEntry, row.pin)
    if pin is None:
        raise BadRow(f"pin: unknown reference {row.pin!r:.80}")
    if pin.owner_id != advertiser.id:
        raise BadRow(f"pin: {row.pin!r:.80} is not the advertiser's")
    if pin.privacy is BoardPrivacy.SECRET:
        raise BadRow(f"pin: {row.pin!r:.80} is on a secret board")
    if pin.link is None:
        raise BadRow(f"pin: {row.pin!r:.80} has no link")
    return pin


def _account(row: PromotionRow, advertiser: UserEntry) -> AdAccountRecord:
    return AdAccountRecord(
        id=stable_id(Kind.AD_ACCOUNT, row.advertiser, advertiser.created_at),
        owner_id=advertiser.id,
        name=advertiser.full_name,
        currency=CURRENCY,
        country=COUNTRY,
        created_at=advertiser.created_at,
    )


def _campaign(row: PromotionRow, account: AdAccountRecord, name: str) -> CampaignRecord:
    return CampaignRecord(
        id=stable_id(Kind.CAMPAIGN, name_of(row.advertiser, name), account.created_at),
        ad_account_id=account.id,
        name=name,
        created_at=account.created_at,
    )


def _ad_group(
    row: PromotionRow, campaign: CampaignRecord, name: str, topic_ids: tuple[Id, ...]
) -> AdGroupRecord:
    group = AdGroupRecord(
        id=campaign.id,
        ad_account_id=campaign.ad_account_id,
        campaign_id=campaign.id,
        name=name,
        created_at=campaign.created_at,
        billable_event=row.billable_event,
        bid_micros=row.bid_micros,
        daily_budget_micros=row.daily_budget_micros,
        frequency_cap=row.frequency_cap,
        targeting=TargetingSpec(topic_ids=topic_ids),
    )
    # All of its terms together are its name.
    terms = msgspec.json.encode(group).decode()
    return msgspec.structs.replace(group, id=stable_id(Kind.AD_GROUP, terms, group.created_at))
