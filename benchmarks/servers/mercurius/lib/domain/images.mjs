/**
 * Renditions of a picture: how large each is, and where it is served.
 *
 * A rendition keeps the picture's proportions (CONTAIN) or those of the box that was asked for
 * (COVER), and is never larger than the original. All sizes are pixels.
 */

import { badUserInput } from '../errors.mjs'

const MAX_SIDE = 4_096
const EXTENSIONS = { JPEG: 'jpg', PNG: 'png', WEBP: 'webp', AVIF: 'avif' }
const KNOWN_EXTENSIONS = new Set([...Object.values(EXTENSIONS), 'gif'])
const PATH = /^(?:[^:/?#]+:)?(?:\/\/[^/?#]*)?([^?#]*)/

/**
 * Where a rendition is served: `{proxy}/{fit}/{width}x{height}/{base64url of the original's
 * URL}.{extension}`, and without a proxy the original's URL. Throws for a side not in 1..4096.
 */
export function imageUrl(image, proxyUrl, { width = null, height = null, format = null, fit }) {
  const size = renditionSize(image, width, height, fit)
  if (!proxyUrl) return image.sourceUrl
  const source = Buffer.from(image.sourceUrl).toString('base64url')
  const extension = format === null ? extensionOf(image.sourceUrl) : EXTENSIONS[format]
  const proxy = proxyUrl.replace(/\/+$/, '')
  return `${proxy}/${fit.toLowerCase()}/${size.width}x${size.height}/${source}.${extension}`
}

/** How large a rendition is; with neither side given, as large as the original may be served. */
export function renditionSize(image, width, height, fit) {
  check('width', width)
  check('height', height)
  const original = { width: Math.max(1, image.width), height: Math.max(1, image.height) }
  if (fit === 'COVER' && width !== null && height !== null) {
    return inside({ width, height }, original)
  }
  return inside(original, { width: width ?? MAX_SIDE, height: height ?? MAX_SIDE })
}

/** The largest size of the same proportions that fits the box and is no larger than `size`. */
function inside(size, box) {
  if (size.width <= box.width && size.height <= box.height) return size
  // The side that is furthest over its limit becomes the limit.
  if (size.width * box.height >= size.height * box.width) {
    return { width: box.width, height: rounded(size.height * box.width, size.width) }
  }
  return { width: rounded(size.width * box.height, size.height), height: box.height }
}

/** A quotient as a whole number, rounded half up, at least 1. */
function rounded(numerator, denominator) {
  return Math.max(1, Math.floor((2 * numerator + denominator) / (2 * denominator)))
}

function check(name, side) {
  if (side !== null && !(side >= 1 && side <= MAX_SIDE)) {
    throw badUserInput(`The ${name} of an image must be 1 to ${MAX_SIDE} pixels, not ${side}.`)
  }
}

/** The original's format by its name; JPEG when the name does not tell. */
function extensionOf(url) {
  const name = PATH.exec(url)[1].replace(/\/+$/, '').split('/').at(-1)
  const dot = name.lastIndexOf('.')
  const extension = dot > 0 ? name.slice(dot + 1).toLowerCase() : ''
  return KNOWN_EXTENSIONS.has(extension) ? extension : 'jpg'
}
