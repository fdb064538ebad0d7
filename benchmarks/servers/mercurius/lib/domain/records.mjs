/** From documents to records: plain objects in the names of GraphQL, shared between viewers. */

import { toGlobalId } from './ids.mjs'

/** A user, without anything private. */
export function userRecord(document) {
  const entityId = document._id.toHexString()
  return {
    id: toGlobalId('User', entityId),
    entityId,
    username: document.username,
    fullName: document.full_name,
    about: document.about,
    followerCount: document.follower_count,
    isActive: document.status === 'ACTIVE'
  }
}

/** A board. `memberIds` are those who share it with its owner. */
export function boardRecord(document) {
  const entityId = document._id.toHexString()
  return {
    id: toGlobalId('Board', entityId),
    entityId,
    ownerId: document.owner_id.toHexString(),
    name: document.name,
    privacy: document.privacy,
    pinCount: document.pin_count,
    memberIds: document.collaborators
      .filter((member) => member.status === 'ACCEPTED')
      .map((member) => member.user_id.toHexString())
  }
}

/** A pin. `rootId` is the first pin of its save tree. */
export function pinRecord(document) {
  const entityId = document._id.toHexString()
  return {
    __typename: 'Pin',
    id: toGlobalId('Pin', entityId),
    entityId,
    ownerId: document.owner_id.toHexString(),
    creatorId: document.creator_id.toHexString(),
    boardId: document.board_id.toHexString(),
    rootId: document.root_id.toHexString(),
    title: document.title,
    description: document.description,
    altText: document.alt_text,
    link: document.link,
    domain: document.domain,
    dominantColor: document.dominant_color,
    createdAt: document.created_at,
    isRepin: document.is_repin,
    creativeType: document.creative_type,
    media: document.media && media(document.media),
    saveCount: document.save_count,
    commentCount: document.comment_count,
    reactionCount: Object.values(document.reaction_counts).reduce((sum, n) => sum + n, 0),
    hasBeenPromoted: document.has_been_promoted,
    revision: document.revision
  }
}

/** A comment. */
export function commentRecord(document) {
  const entityId = document._id.toHexString()
  return {
    id: toGlobalId('Comment', entityId),
    entityId,
    pinId: document.pin_id.toHexString(),
    authorId: document.author_id.toHexString(),
    text: document.text,
    createdAt: document.created_at
  }
}

const MEDIA = {
  image: (stored) => ({ __typename: 'ImageMedia', image: image(stored.image) }),
  video: (stored) => ({
    __typename: 'VideoMedia',
    videoUrl: stored.video_url,
    cover: stored.cover && image(stored.cover)
  }),
  images: (stored) => ({ __typename: 'MultiImageMedia', items: stored.items.map(carouselItem) }),
  videos: (stored) => ({ __typename: 'MultiVideoMedia', items: stored.items.map(carouselItem) }),
  mixed: (stored) => ({ __typename: 'MixedMedia', items: stored.items.map(carouselItem) })
}

const media = (stored) => MEDIA[stored.kind](stored)

function carouselItem(stored) {
  return stored.kind === 'image'
    ? { __typename: 'CarouselImage', image: image(stored.image), title: stored.title }
    : { __typename: 'CarouselVideo', video: MEDIA.video(stored.video), title: stored.title }
}

function image(stored) {
  return {
    sourceUrl: stored.source_url,
    width: stored.width,
    height: stored.height,
    dominantColor: stored.dominant_color
  }
}
