"""The root of every mutation: one line a field, and one module each for what it takes and gives."""

from __future__ import annotations

from resolvers.mutations.add_comment import add_comment
from resolvers.mutations.add_reaction import add_reaction
from resolvers.mutations.archive_board import archive_board
from resolvers.mutations.block_user import block_user
from resolvers.mutations.complete_media_upload import complete_media_upload
from resolvers.mutations.copy_pins import copy_pins
from resolvers.mutations.create_board import create_board
from resolvers.mutations.create_board_section import create_board_section
from resolvers.mutations.create_media_upload import create_media_upload
from resolvers.mutations.create_pin import create_pin
from resolvers.mutations.delete_board import delete_board
from resolvers.mutations.delete_board_section import delete_board_section
from resolvers.mutations.delete_comment import delete_comment
from resolvers.mutations.delete_pins import delete_pins
from resolvers.mutations.edit_comment import edit_comment
from resolvers.mutations.follow_board import follow_board
from resolvers.mutations.follow_topic import follow_topic
from resolvers.mutations.follow_user import follow_user
from resolvers.mutations.hide_pin import hide_pin
from resolvers.mutations.invite_collaborators import invite_collaborators
from resolvers.mutations.leave_board import leave_board
from resolvers.mutations.mark_notifications_read import mark_notifications_read
from resolvers.mutations.merge_boards import merge_boards
from resolvers.mutations.move_pins import move_pins
from resolvers.mutations.remove_collaborator import remove_collaborator
from resolvers.mutations.remove_reaction import remove_reaction
from resolvers.mutations.reorder_board_pins import reorder_board_pins
from resolvers.mutations.reorder_boards import reorder_boards
from resolvers.mutations.reorder_sections import reorder_sections
from resolvers.mutations.report_content import report_content
from resolvers.mutations.respond_to_invite import respond_to_invite
from resolvers.mutations.save_pin import save_pin
from resolvers.mutations.set_board_cover import set_board_cover
from resolvers.mutations.transfer_board import transfer_board
from resolvers.mutations.unarchive_board import unarchive_board
from resolvers.mutations.unblock_user import unblock_user
from resolvers.mutations.undo import undo
from resolvers.mutations.unfollow_board import unfollow_board
from resolvers.mutations.unfollow_topic import unfollow_topic
from resolvers.mutations.unfollow_user import unfollow_user
from resolvers.mutations.unhide_pin import unhide_pin
from resolvers.mutations.unsave_pin import unsave_pin
from resolvers.mutations.update_board import update_board
from resolvers.mutations.update_board_section import update_board_section
from resolvers.mutations.update_collaborator import update_collaborator
from resolvers.mutations.update_feed_preferences import update_feed_preferences
from resolvers.mutations.update_pin import update_pin
from resolvers.mutations.update_profile import update_profile
from schema.fields import mutation, object_type
from schema.mutations.add_comment import AddCommentPayload
from schema.mutations.add_reaction import AddReactionPayload
from schema.mutations.archive_board import ArchiveBoardPayload
from schema.mutations.block_user import BlockUserPayload
from schema.mutations.complete_media_upload import CompleteMediaUploadPayload
from schema.mutations.copy_pins import CopyPinsPayload
from schema.mutations.create_board import CreateBoardPayload
from schema.mutations.create_board_section import CreateBoardSectionPayload
from schema.mutations.create_media_upload import CreateMediaUploadPayload
from schema.mutations.create_pin import CreatePinPayload
from schema.mutations.delete_board import DeleteBoardPayload
from schema.mutations.delete_board_section import DeleteBoardSectionPayload
from schema.mutations.delete_comment import DeleteCommentPayload
from schema.mutations.delete_pins import DeletePinsPayload
from schema.mutations.edit_comment import EditCommentPayload
from schema.mutations.follow_board import FollowBoardPayload
from schema.mutations.follow_topic import FollowTopicPayload
from schema.mutations.follow_user import FollowUserPayload
from schema.mutations.hide_pin import HidePinPayload
from schema.mutations.invite_collaborators import InviteCollaboratorsPayload
from schema.mutations.leave_board import LeaveBoardPayload
from schema.mutations.mark_notifications_read import MarkNotificationsReadPayload
from schema.mutations.merge_boards import MergeBoardsPayload
from schema.mutations.move_pins import MovePinsPayload
from schema.mutations.remove_collaborator import RemoveCollaboratorPayload
from schema.mutations.remove_reaction import RemoveReactionPayload
from schema.mutations.reorder_board_pins import ReorderBoardPinsPayload
from schema.mutations.reorder_boards import ReorderBoardsPayload
from schema.mutations.reorder_sections import ReorderSectionsPayload
from schema.mutations.report_content import ReportContentPayload
from schema.mutations.respond_to_invite import RespondToInvitePayload
from schema.mutations.save_pin import SavePinPayload
from schema.mutations.set_board_cover import SetBoardCoverPayload
from schema.mutations.transfer_board import TransferBoardPayload
from schema.mutations.unarchive_board import UnarchiveBoardPayload
from schema.mutations.unblock_user import UnblockUserPayload
from schema.mutations.undo import UndoPayload
from schema.mutations.unfollow_board import UnfollowBoardPayload
from schema.mutations.unfollow_topic import UnfollowTopicPayload
from schema.mutations.unfollow_user import UnfollowUserPayload
from schema.mutations.unhide_pin import UnhidePinPayload
from schema.mutations.unsave_pin import UnsavePinPayload
from schema.mutations.update_board import UpdateBoardPayload
from schema.mutations.update_board_section import UpdateBoardSectionPayload
from schema.mutations.update_collaborator import UpdateCollaboratorPayload
from schema.mutations.update_feed_preferences import UpdateFeedPreferencesPayload
from schema.mutations.update_pin import UpdatePinPayload
from schema.mutations.update_profile import UpdateProfilePayload


@object_type(
    description="Everything that can be changed. Fields run one after the other, at most 4 in a "
    "document. What cannot be done as asked is told in `userErrors`, and then nothing was written."
)
class Mutation:
    # Pins
    create_pin: CreatePinPayload | None = mutation(
        create_pin,
        "CreatePinInput",
        "Makes a pin on a board that the viewer may add to.",
    )
    update_pin: UpdatePinPayload | None = mutation(
        update_pin,
        "UpdatePinInput",
        "Changes what a pin says, or where it is.",
    )
    unsave_pin: UnsavePinPayload | None = mutation(
        unsave_pin,
        "UnsavePinInput",
        "Deletes the viewer's copies of a pin.",
    )
    move_pins: MovePinsPayload | None = mutation(
        move_pins,
        "MovePinsInput",
        "Moves pins to another board or section.",
    )
    copy_pins: CopyPinsPayload | None = mutation(
        copy_pins,
        "CopyPinsInput",
        "Copies pins to a board, as saving each of them does.",
    )
    delete_pins: DeletePinsPayload | None = mutation(
        delete_pins,
        "DeletePinsInput",
        "Deletes pins. Copies of them stay.",
    )
    save_pin: SavePinPayload | None = mutation(
        save_pin, "SavePinInput", "Saves a pin to a board: makes a copy of it there."
    )

    # Boards
    create_board: CreateBoardPayload | None = mutation(
        create_board,
        "CreateBoardInput",
        "Makes a board. Its `slug` is made of its name, with a number where there is one already.",
    )
    update_board: UpdateBoardPayload | None = mutation(
        update_board,
        "UpdateBoardInput",
        "Changes what a board is called, says of itself, and who may see it. Its owner may. The "
        "`slug` stays as it is, so that links go on leading to the board.",
    )
    delete_board: DeleteBoardPayload | None = mutation(
        delete_board,
        "DeleteBoardInput",
        "Deletes a board with its sections, its followers and all pins on it, those of other "
        "members too. Copies on other boards stay. Its owner may.",
    )
    archive_board: ArchiveBoardPayload | None = mutation(
        archive_board,
        "ArchiveBoardInput",
        "Puts a board out of the way: it stays as it is, and is left out of lists. Its owner may.",
    )
    unarchive_board: UnarchiveBoardPayload | None = mutation(
        unarchive_board,
        "UnarchiveBoardInput",
        "Puts a board that was archived among the others again. Its owner may.",
    )
    merge_boards: MergeBoardsPayload | None = mutation(
        merge_boards,
        "MergeBoardsInput",
        "Moves all pins and followers of one board to another of the same owner, and deletes the "
        "first for good. Whoever owns both may.",
    )
    set_board_cover: SetBoardCoverPayload | None = mutation(
        set_board_cover,
        "SetBoardCoverInput",
        "Chooses the pin whose picture stands for a board. Its owner may.",
    )

    # Sections
    create_board_section: CreateBoardSectionPayload | None = mutation(
        create_board_section,
        "CreateBoardSectionInput",
        "Makes a section of a board, which comes last. Owner and editors may.",
    )
    update_board_section: UpdateBoardSectionPayload | None = mutation(
        update_board_section, "UpdateBoardSectionInput", "Gives a section another title."
    )
    delete_board_section: DeleteBoardSectionPayload | None = mutation(
        delete_board_section,
        "DeleteBoardSectionInput",
        "Deletes a section. Its pins stay on the board, unless the owner has them deleted too.",
    )

    # Arranging
    reorder_board_pins: ReorderBoardPinsPayload | None = mutation(
        reorder_board_pins,
        "ReorderBoardPinsInput",
        "Moves pins to another place on their board. Owner and editors may.",
    )
    reorder_sections: ReorderSectionsPayload | None = mutation(
        reorder_sections,
        "ReorderSectionsInput",
        "Moves sections to another place on their board. Owner and editors may.",
    )
    reorder_boards: ReorderBoardsPayload | None = mutation(
        reorder_boards,
        "ReorderBoardsInput",
        "Moves boards to another place among the viewer's own, in the order CUSTOM.",
    )

    # Reactions and comments
    add_reaction: AddReactionPayload | None = mutation(
        add_reaction,
        "AddReactionInput",
        "Reacts to a pin. A viewer has one reaction a pin, and a new one replaces it.",
    )
    remove_reaction: RemoveReactionPayload | None = mutation(
        remove_reaction, "RemoveReactionInput", "Takes the viewer's reaction to a pin back."
    )
    add_comment: AddCommentPayload | None = mutation(
        add_comment, "AddCommentInput", "Comments on a pin, or replies to a comment on it."
    )
    edit_comment: EditCommentPayload | None = mutation(
        edit_comment, "EditCommentInput", "Changes what one of the viewer's comments says."
    )
    delete_comment: DeleteCommentPayload | None = mutation(
        delete_comment,
        "DeleteCommentInput",
        "Deletes a comment with its replies. Its author may, and so may the owners of the pin and "
        "of its board.",
    )

    # Uploads
    create_media_upload: CreateMediaUploadPayload | None = mutation(
        create_media_upload,
        "CreateMediaUploadInput",
        "Registers a file to post, for a pin to show.",
    )
    complete_media_upload: CompleteMediaUploadPayload | None = mutation(
        complete_media_upload,
        "CompleteMediaUploadInput",
        "Says that the file of an upload has been posted, and makes a picture of it.",
    )

    # Follows
    follow_user: FollowUserPayload | None = mutation(
        follow_user, "FollowUserInput", "Follows a user: all boards they have or will have."
    )
    unfollow_user: UnfollowUserPayload | None = mutation(
        unfollow_user, "UnfollowUserInput", "Follows a user no longer."
    )
    follow_board: FollowBoardPayload | None = mutation(
        follow_board, "FollowBoardInput", "Follows one board."
    )
    unfollow_board: UnfollowBoardPayload | None = mutation(
        unfollow_board,
        "UnfollowBoardInput",
        "Follows one board no longer, also of a user who is followed.",
    )
    follow_topic: FollowTopicPayload | None = mutation(
        follow_topic, "FollowTopicInput", "Follows a topic."
    )
    unfollow_topic: UnfollowTopicPayload | None = mutation(
        unfollow_topic, "UnfollowTopicInput", "Follows a topic no longer."
    )

    # Blocks
    block_user: BlockUserPayload | None = mutation(
        block_user,
        "BlockUserInput",
        "Blocks a user: from now on the two do not exist for each other. Follows and shares in "
        "boards end both ways, and their pins leave the viewer's boards.",
    )
    unblock_user: UnblockUserPayload | None = mutation(
        unblock_user,
        "UnblockUserInput",
        "Blocks a user no longer. What ended with the block does not come back.",
    )

    # Members of boards
    invite_collaborators: InviteCollaboratorsPayload | None = mutation(
        invite_collaborators,
        "InviteCollaboratorsInput",
        "Invites people to share a board.",
    )
    respond_to_invite: RespondToInvitePayload | None = mutation(
        respond_to_invite,
        "RespondToInviteInput",
        "Accepts or declines an invitation to a board.",
    )
    update_collaborator: UpdateCollaboratorPayload | None = mutation(
        update_collaborator,
        "UpdateCollaboratorInput",
        "Changes what a member of a board may do.",
    )
    remove_collaborator: RemoveCollaboratorPayload | None = mutation(
        remove_collaborator,
        "RemoveCollaboratorInput",
        "Removes a member of a board, or takes an invitation back. Their pins stay.",
    )
    transfer_board: TransferBoardPayload | None = mutation(
        transfer_board,
        "TransferBoardInput",
        "Gives a board to one of its editors. Who owned it stays as an editor.",
    )
    leave_board: LeaveBoardPayload | None = mutation(
        leave_board,
        "LeaveBoardInput",
        "Ends the viewer's share in a board. Their pins stay.",
    )

    # Taking back
    undo: UndoPayload | None = mutation(
        undo,
        "UndoInput",
        "Takes back what a mutation deleted or moved, within ten minutes: all of it or nothing. "
        "The token needs the scopes that the mutation needed.",
    )

    # The viewer
    update_profile: UpdateProfilePayload | None = mutation(
        update_profile,
        "UpdateProfileInput",
        "Changes what the viewer says of themselves, and is called.",
    )
    update_feed_preferences: UpdateFeedPreferencesPayload | None = mutation(
        update_feed_preferences,
        "UpdateFeedPreferencesInput",
        "Changes what the viewer wishes of their feed. Hidden advertisers are not shown from the "
        "next page on.",
    )
    hide_pin: HidePinPayload | None = mutation(
        hide_pin,
        "HidePinInput",
        "Takes a pin, and whatever shows the same, out of the viewer's feeds, from the next page "
        "on.",
    )
    unhide_pin: UnhidePinPayload | None = mutation(
        unhide_pin, "UnhidePinInput", "Lets a pin into the viewer's feeds again."
    )
    report_content: ReportContentPayload | None = mutation(
        report_content,
        "ReportContentInput",
        "Asks us for a look at a pin, a comment, a board or a user. A reported pin is hidden from "
        "the viewer's feeds.",
    )
    mark_notifications_read: MarkNotificationsReadPayload | None = mutation(
        mark_notifications_read,
        "MarkNotificationsReadInput",
        "Marks notifications of the viewer as read. Those that were read keep their time.",
    )
