/**
 * Who may see what: the whole of it on one screen.
 *
 * `blocked` is the set of users who blocked the viewer or whom the viewer blocked. What a viewer
 * may not see does not exist: the answer is null, never an error. What is secret also needs the
 * scopes of the token.
 */

const EVERY_PRIVACY = ['PROTECTED', 'PUBLIC', 'SECRET']
const NOT_SECRET = ['PROTECTED', 'PUBLIC']
const PUBLIC = ['PUBLIC']

/** An active user, unless a block stands between the two. */
export function mayViewUser(viewer, user, blocked) {
  return user.entityId === viewer.userId || (user.isActive && !blocked.has(user.entityId))
}

/** A board of a visible owner (else null) that is public, or that the viewer is a member of. */
export function mayViewBoard(viewer, board, owner) {
  if (!owner) return false
  if (board.privacy === 'PUBLIC') return true
  if (!isMember(viewer, board)) return false
  return board.privacy === 'PROTECTED' || viewer.scopes.has('boards:read_secret')
}

/** A pin on a visible board, by a visible owner (both null when they are not). */
export function mayViewPin(viewer, board, owner) {
  if (!board || !owner) return false
  return board.privacy !== 'SECRET' || viewer.scopes.has('pins:read_secret')
}

/** Of what privacy the boards are that a user's lists hold for the viewer. */
export function boardPrivacies(viewer, ownerId) {
  if (ownerId !== viewer.userId) return PUBLIC
  return viewer.scopes.has('boards:read_secret') ? EVERY_PRIVACY : NOT_SECRET
}

function isMember(viewer, board) {
  if (viewer.userId === null) return false
  return board.ownerId === viewer.userId || board.memberIds.includes(viewer.userId)
}
