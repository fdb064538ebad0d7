/** Settings, read from the environment once. */

/** What this server was told; throws for a variable that is missing. */
export function readSettings(environment) {
  const required = (name) => {
    const value = environment[name]
    if (!value) throw new Error(`${name} must be set.`)
    return value
  }
  const number = (name, byDefault) => Number(environment[name] || byDefault)
  return {
    port: Number(required('PORT')),
    mongoUrl: required('MONGO_URL'),
    redisUrl: required('REDIS_URL'),
    database: required('DATABASE'),
    /** The HS256 secret of bearer tokens. */
    secret: required('SECRET'),
    issuer: environment.ISSUER || 'pinery',
    audience: environment.AUDIENCE || 'pinery',
    /** The service that resizes images; originals are linked without it. */
    imageProxyUrl: environment.IMAGE_PROXY_URL || null,
    /**
     * Whether records are kept in this process (1), and lists and what is the viewer's own with
     * them (all); how many of each kind, and how long.
     */
    cache: environment.CACHE === '1' || environment.CACHE === 'all',
    cachesLists: environment.CACHE === 'all',
    cacheEntries: number('CACHE_ENTRIES', 100_000),
    cacheTtlMs: number('CACHE_TTL_MS', 60_000),
    /** How long a feed's session stays after it was last read, in seconds. */
    feedSessionTtlS: number('FEED_SESSION_TTL_S', 1_800),
    logLevel: environment.LOG_LEVEL || 'warn'
  }
}
