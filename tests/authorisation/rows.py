"""The rows of the table: every mutation with the inputs that matter, and what comes of each."""

from typing import Any, Final

from domain.boards import BoardPrivacy
from domain.viewer import Scope
from tests.authorisation.roles import ADMINS, EVERYBODY, OWNERS, Role
from tests.authorisation.rule import Outcome, Row

PUBLIC, SECRET, PROTECTED = BoardPrivacy.PUBLIC, BoardPrivacy.SECRET, BoardPrivacy.PROTECTED
OWNER, EDITOR, ADMIN = {Role.OWNER}, {Role.EDITOR}, {Role.ADMIN}
WRITERS: Final = OWNER | EDITOR
PINS, ACCOUNTS = Scope.PINS_WRITE, Scope.USER_ACCOUNTS_WRITE
NO_SECRET_WRITE: Final = (
    {Role.OWNER_NO_SECRET_WRITE} | {Role.OWNER_NO_SECRET} | {Role.ADMIN_NO_SECRET}
)
WHO_SEE_SECRET: Final = WRITERS | {Role.VIEWER, Role.OWNER_NO_SECRET_WRITE}
OTHERS: Final = EVERYBODY - {Role.OWNER}
EVERYWHERE: Final = frozenset(BoardPrivacy)

NOT_SO: Final[dict[str, Any]] = {"done": frozenset(), "otherwise": Outcome.NOTHING}
BAD: Final = {"reason": "LOW_QUALITY"}
TOP: Final = {"at": "TOP"}
PICTURE: Final = {"imageUrl": {"url": "https://images.example/a.jpg", "width": 600, "height": 800}}


def pins(mutation: str, input: dict[str, Any], what: str = "", **more: Any) -> Row:
    """A row of a mutation of pins."""
    usual: dict[str, Any] = {"needs": PINS}
    return Row(mutation, input, what, **usual | more)


def mine(mutation: str, input: dict[str, Any], what: str = "", **more: Any) -> Row:
    """A row of what everybody does in their own name to what they see as anybody."""
    usual: dict[str, Any] = {
        "needs": ACCOUNTS,
        "done": EVERYBODY,
        "own_name": True,
        "writes_board": False,
    }
    return Row(mutation, input, what, **usual | more)


def talk(mutation: str, input: dict[str, Any], what: str = "", **more: Any) -> Row:
    """A row of what everybody says of a pin; it is written on the board."""
    return mine(mutation, input, what, **{"needs": PINS, "writes_board": True} | more)


PIN_ROWS: Final = (
    pins("createPin", {"boardId": "$board", "media": PICTURE}, done=WRITERS, audited=ADMIN),
    pins(
        "createPin",
        {"boardId": "$board", "sectionId": "$section", "media": PICTURE},
        "in a section",
        done=WRITERS,
        audited=ADMIN,
    ),
    pins(
        "createPin",
        {"boardId": "$own_board", "media": {"imageUpload": "$own_upload"}},
        "of an upload",
        done=EVERYBODY,
    ),
    pins(
        "createPin",
        {"boardId": "$own_board", "media": {"imageUpload": "$friend_upload"}},
        "of another's upload",
    ),
    pins("updatePin", {"id": "$pin", "title": "New"}, "the owner's", done=OWNER),
    pins("updatePin", {"id": "$editor_pin", "title": "New"}, "the editor's", done=EDITOR),
    pins("updatePin", {"id": "$left_pin", "title": "New"}, "one's own", done=EVERYBODY),
    pins(
        "updatePin",
        {"id": "$editor_pin", "boardId": "$own_board"},
        "the editor's, to one's own board",
        done=WRITERS,
        audited=ADMIN,
    ),
    pins("unsavePin", {"pinId": "$own_copy"}, "one's copy", done=EVERYBODY, own_name=True),
    talk(
        "unsavePin",
        {"pinId": "$saved_pin"},
        "what was saved",
        writes_board=False,
        but=(
            (WHO_SEE_SECRET, {SECRET}, Outcome.NOTHING),
            (OWNERS, {PROTECTED}, Outcome.NOTHING),
        ),
    ),
    pins(
        "movePins",
        {"ids": ["$own_pin"], "boardId": "$board"},
        "one's own, onto the board",
        done=WRITERS,
        audited=ADMIN,
    ),
    pins(
        "movePins",
        {"ids": ["$left_pin"], "boardId": "$own_board"},
        "one's own, off the board",
        done=EVERYBODY,
    ),
    pins(
        "movePins",
        {"ids": ["$pin"], "boardId": "$own_board"},
        "the owner's, to one's own board",
        done=OWNER,
        audited=ADMIN,
    ),
    talk("copyPins", {"ids": ["$pin"], "boardId": "$own_board"}, "off the board"),
    pins(
        "copyPins",
        {"ids": ["$own_pin"], "boardId": "$board"},
        "onto the board",
        done=WRITERS,
        audited=ADMIN,
    ),
    pins("deletePins", {"ids": ["$pin"]}, "the owner's", done=OWNER, audited=ADMIN),
    pins("deletePins", {"ids": ["$editor_pin"]}, "the editor's", done=WRITERS, audited=ADMIN),
    pins("deletePins", {"ids": ["$left_pin"]}, "one's own", done=EVERYBODY),
    talk("savePin", {"pinId": "$pin", "boardId": "$own_board"}, "off the board"),
    pins(
        "savePin",
        {"pinId": "$own_pin", "boardId": "$board"},
        "onto the board",
        done=WRITERS,
        audited=ADMIN,
    ),
    pins(
        "reorderBoardPins",
        {"boardId": "$board", "pinIds": ["$pin"], "place": TOP},
        done=WRITERS,
    ),
    mine("hidePin", {"pinId": "$pin"} | BAD, "also an ad", or_as_ad=True),
    mine("hidePin", {"pinId": "$saved_pin"} | BAD, "not an ad"),
    mine("unhidePin", {"pinId": "$pin"}, "also an ad", or_as_ad=True, **NOT_SO),
    mine("unhidePin", {"pinId": "$saved_pin"}, "not an ad", **NOT_SO),
)

BOARD_ROWS: Final = (
    Row("createBoard", {"name": "New"}, done=EVERYBODY),
    Row(
        "createBoard",
        {"name": "New", "privacy": "SECRET"},
        "a secret one",
        done=EVERYBODY,
        but=((NO_SECRET_WRITE, EVERYWHERE, Outcome.FORBIDDEN),),
    ),
    Row(
        "updateBoard",
        {"id": "$board", "name": "New"},
        "its name",
        done=OWNER,
        audited=ADMIN,
        but=((OWNERS | ADMINS, {PROTECTED}, Outcome.NOT_ALLOWED),),
    ),
    Row(
        "updateBoard",
        {"id": "$board", "description": "New"},
        "its description",
        done=OWNER,
        audited=ADMIN,
    ),
    Row(
        "updateBoard",
        {"id": "$board", "privacy": "SECRET"},
        "make it secret",
        done=OWNER,
        audited=ADMIN,
        but=(
            (NO_SECRET_WRITE, {PUBLIC, PROTECTED}, Outcome.FORBIDDEN),
            (OWNER, {SECRET}, Outcome.NOTHING),
            (OWNERS | ADMINS, {PROTECTED}, Outcome.NOT_ALLOWED),
        ),
    ),
    Row(
        "updateBoard",
        {"id": "$board", "privacy": "PUBLIC"},
        "make it public",
        done=OWNER,
        audited=ADMIN,
        but=(
            (OWNERS, {PUBLIC}, Outcome.NOTHING),
            ({Role.ADMIN, Role.BLOCKED_ADMIN}, {SECRET}, Outcome.NOT_ALLOWED),
            (OWNERS | ADMINS, {PROTECTED}, Outcome.NOT_ALLOWED),
        ),
    ),
    Row("deleteBoard", {"id": "$board"}, done=OWNER),
    Row("archiveBoard", {"id": "$board"}, done=OWNER),
    Row(
        "unarchiveBoard",
        {"id": "$board"},
        "which is not archived",
        but=((OWNERS, {PUBLIC, PROTECTED}, Outcome.NOTHING), (OWNER, {SECRET}, Outcome.NOTHING)),
    ),
    Row(
        "mergeBoards",
        {"sourceId": "$board", "targetId": "$own_board"},
        "into one's own",
        done=OWNER,
        but=((OWNERS, {PROTECTED}, Outcome.NOT_ALLOWED),),
    ),
    Row(
        "mergeBoards",
        {"sourceId": "$own_board", "targetId": "$board"},
        "one's own into it",
        done=OWNER,
        but=((OWNERS, {PROTECTED}, Outcome.NOT_ALLOWED),),
    ),
    Row("setBoardCover", {"boardId": "$board", "pinId": "$pin"}, done=OWNER),
    Row("reorderBoards", {"boardIds": ["$board"], "place": {"at": "BOTTOM"}}, done=OWNER),
    Row(
        "reorderBoards",
        {"boardIds": ["$own_board"], "place": {"beforeId": "$board"}},
        "one's own beside it",
        done=OWNER,
    ),
)

SECTION_ROWS: Final = (
    Row("createBoardSection", {"boardId": "$board", "title": "New"}, done=WRITERS),
    Row("updateBoardSection", {"id": "$section", "title": "New"}, done=WRITERS),
    Row(
        "deleteBoardSection",
        {"id": "$section", "pinDisposition": "MOVE_TO_BOARD"},
        "its pins stay",
        done=WRITERS,
    ),
    Row(
        "deleteBoardSection",
        {"id": "$section", "pinDisposition": "DELETE"},
        "with its pins",
        done=OWNER,
    ),
    Row(
        "reorderSections",
        {"boardId": "$board", "sectionIds": ["$other_section"], "place": TOP},
        done=WRITERS,
    ),
)

TALK_ROWS: Final = (
    talk("addReaction", {"pinId": "$pin", "type": "WOW"}),
    talk("removeReaction", {"pinId": "$pin"}),
    talk("addComment", {"pinId": "$pin", "text": "New"}),
    talk("addComment", {"pinId": "$pin", "parentId": "$comment", "text": "New"}, "a reply"),
    talk("editComment", {"id": "$comment", "text": "New"}, "the owner's", done=OWNER),
    talk("editComment", {"id": "$own_comment", "text": "New"}, "one's own"),
    talk("deleteComment", {"id": "$comment"}, "the owner's", done=OWNER),
    talk("deleteComment", {"id": "$reply"}, "the editor's", done=WRITERS),
    talk("deleteComment", {"id": "$own_comment"}, "one's own"),
)

UPLOAD = {"kind": "IMAGE", "contentType": "image/png", "bytes": 100}
UPLOAD_ROWS: Final = (
    pins("createMediaUpload", UPLOAD, done=EVERYBODY),
    pins("completeMediaUpload", {"id": "$own_upload"}, "one's own", otherwise=Outcome.NOTHING),
    pins("completeMediaUpload", {"id": "$friend_upload"}, "another's"),
)

ALREADY = (({Role.FOLLOWER}, {PUBLIC}, Outcome.NOTHING),)
ONESELF = (OWNERS, EVERYWHERE, Outcome.INVALID)
TIES: Final[dict[str, Any]] = {"done": {Role.FOLLOWER}, "otherwise": Outcome.NOTHING}
FOLLOW_ROWS: Final = (
    mine("followUser", {"userId": "$owner"}, but=(ONESELF, *ALREADY)),
    mine("followUser", {"userId": "$deactivated"}, "who is deactivated"),
    mine("unfollowUser", {"userId": "$owner"}, **TIES),
    mine(
        "followBoard",
        {"boardId": "$board"},
        needs=Scope.BOARDS_WRITE,
        writes_board=True,
        but=(
            (OWNERS - {Role.OWNER_NO_SECRET}, EVERYWHERE, Outcome.INVALID),
            ({Role.OWNER_NO_SECRET}, {PUBLIC, PROTECTED}, Outcome.INVALID),
            *ALREADY,
        ),
    ),
    mine(
        "unfollowBoard", {"boardId": "$board"}, needs=Scope.BOARDS_WRITE, writes_board=True, **TIES
    ),
    mine("followTopic", {"topicId": "$topic"}, but=ALREADY),
    mine("unfollowTopic", {"topicId": "$topic"}, **TIES),
)

BLOCK_ROWS: Final = (
    mine(
        "blockUser",
        {"userId": "$owner"},
        but=(ONESELF, ({Role.BLOCKER}, EVERYWHERE, Outcome.NOTHING)),
    ),
    mine(
        "unblockUser",
        {"userId": "$owner"},
        done=frozenset(),
        otherwise=Outcome.NOTHING,
        but=(({Role.BLOCKER}, EVERYWHERE, Outcome.DONE),),
    ),
)

MEMBER_ROWS: Final = (
    Row(
        "inviteCollaborators",
        {"boardId": "$board", "userIds": ["$friend"]},
        done=OWNER,
        audited=ADMIN,
        but=((OWNERS | ADMINS, {PROTECTED}, Outcome.NOT_ALLOWED),),
    ),
    Row(
        "inviteCollaborators",
        {"boardId": "$board", "userIds": ["$friend"], "canInvite": True},
        "who may invite",
        done=OWNER,
        but=((OWNERS, {PROTECTED}, Outcome.NOT_ALLOWED),),
    ),
    mine(
        "inviteCollaborators",
        {"boardId": "$own_board", "userIds": ["$owner"]},
        "the owner, to one's own board",
        needs=Scope.BOARDS_WRITE,
        but=(ONESELF,),
    ),
    mine(
        "inviteCollaborators",
        {"boardId": "$own_board", "userIds": ["$deactivated"]},
        "who is deactivated",
        needs=Scope.BOARDS_WRITE,
    ),
    Row(
        "respondToInvite",
        {"boardId": "$board", "accept": True},
        "accept",
        own_name=True,
        but=(({Role.INVITED}, {PUBLIC, SECRET}, Outcome.DONE),),
    ),
    Row(
        "respondToInvite",
        {"boardId": "$board", "accept": False},
        "decline",
        own_name=True,
        but=(({Role.INVITED}, {PUBLIC, SECRET}, Outcome.DONE),),
    ),
    Row(
        "updateCollaborator",
        {"boardId": "$board", "userId": "$viewer", "role": "EDITOR"},
        "the viewer",
        done=OWNER,
        but=((OWNERS, {PROTECTED}, Outcome.NOT_FOUND),),
    ),
    Row(
        "removeCollaborator",
        {"boardId": "$board", "userId": "$viewer"},
        "the viewer",
        done=OWNER,
        audited=ADMIN,
        but=((OWNERS | ADMINS, {PROTECTED}, Outcome.NOT_FOUND),),
    ),
    Row(
        "transferBoard",
        {"boardId": "$board", "userId": "$editor"},
        "to the editor",
        done=OWNER,
        but=((OWNERS, {PROTECTED}, Outcome.INVALID),),
    ),
    Row("leaveBoard", {"boardId": "$board"}, done={Role.EDITOR, Role.VIEWER}, own_name=True),
)

REPORT = {"reason": "SPAM"}
OTHER_ROWS: Final = (
    Row(
        "undo",
        {"undoToken": "$undo"},
        "one's own",
        about=("board",),
        done=WRITERS,
        audited=ADMIN,
        hidden=Outcome.CONFLICT,
        needs=PINS,
    ),
    Row(
        "undo",
        {"undoToken": "$friend_undo"},
        "another's",
        needs=None,
        writes_board=False,
        otherwise=Outcome.NOT_FOUND,
    ),
    mine("markNotificationsRead", {"notifications": {"ids": ["$own_notification"]}}, "one's own"),
    mine(
        "markNotificationsRead",
        {"notifications": {"ids": ["$friend_notification"]}},
        "another's",
        hidden=Outcome.NOTHING,
    ),
    mine("reportContent", {"id": "$pin"} | REPORT, "a pin or ad", done=OTHERS, or_as_ad=True),
    mine("reportContent", {"id": "$saved_pin"} | REPORT, "a pin", done=OTHERS),
    mine("reportContent", {"id": "$comment"} | REPORT, "a comment", done=OTHERS),
    mine("reportContent", {"id": "$board"} | REPORT, "a board", done=OTHERS),
    mine("reportContent", {"id": "$owner"} | REPORT, "a user", done=OTHERS),
    mine("updateProfile", {"fullName": "New"}),
    mine("updateProfile", {"avatarUpload": "$friend_upload"}, "another's upload"),
    mine("updateFeedPreferences", {"topicIds": ["$topic"]}),
    mine("updateFeedPreferences", {"hideAdvertiserIds": ["$owner"]}, "hide the owner"),
)

ROWS: Final = (
    *PIN_ROWS,
    *BOARD_ROWS,
    *SECTION_ROWS,
    *TALK_ROWS,
    *UPLOAD_ROWS,
    *FOLLOW_ROWS,
    *BLOCK_ROWS,
    *MEMBER_ROWS,
    *OTHER_ROWS,
)
