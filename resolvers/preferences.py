"""What the viewer wishes of their feed, as only they see it."""

from asyncio import gather
from datetime import datetime

import msgspec

from domain.preferences import PreferencesRecord
from domain.record import Id
from domain.scopes import require_scopes
from domain.topics import TopicRecord
from domain.viewer import Scope, Viewer
from loaders.preferences import NEWEST, AdvertiserRow, HiddenAdvertisersLoader, PreferencesLoader
from loaders.topics import TopicByIdLoader
from loaders.users import UserByIdLoader
from resolvers.connections import Connection, Edge, Window, nodes_from
from resolvers.context import Info
from resolvers.declared import from_loader


class FeedPreferences(msgspec.Struct, frozen=True):
    """Preferences with the topics that their user chose."""

    stated: PreferencesRecord
    topic_ids: tuple[Id, ...]

    @property
    def personalized_ads(self) -> bool:
        """Whether ads may be chosen by what is known of the viewer."""
        return self.stated.personalized_ads


advertiser = from_loader(UserByIdLoader, "row.id")
advertisers = nodes_from(UserByIdLoader, "id")


async def feed_preferences(viewer: Viewer, info: Info) -> FeedPreferences:
    """The viewer's preferences, stated or not."""
    require_scopes(viewer, [Scope.USER_ACCOUNTS_READ])
    me, loaders = Id(info.context.viewer_key), info.context.loaders
    user, stated = await gather(
        loaders(UserByIdLoader).load(me), loaders(PreferencesLoader).load(me)
    )
    return FeedPreferences(
        stated or PreferencesRecord(id=me), user.home_topic_ids if user is not None else ()
    )


async def topics(preferences: FeedPreferences, info: Info) -> list[TopicRecord]:
    """The topics that are there, in the order of choosing."""
    chosen = preferences.topic_ids
    known = await info.context.loaders(TopicByIdLoader).load_mapping(chosen)
    return [known[id] for id in chosen if id in known]


def hidden_advertisers(
    preferences: FeedPreferences, info: Info, window: Window
) -> Connection[AdvertiserRow]:
    """The advertisers whose ads the viewer does not want, last hidden first."""
    page = window.page(NEWEST)
    pages = info.context.loaders(HiddenAdvertisersLoader, page)
    stated = preferences.stated
    return Connection(stated.id, page, pages, len(stated.hidden_advertisers))


def hidden_at(edge: Edge[AdvertiserRow]) -> datetime:
    """Since when."""
    return edge.row.hidden_at
