/** Calls a minute of each tier. https://docs.slack.dev/apis/web-api/rate-limits */
const TIERS = { 1: 1, 2: 20, 3: 50, 4: 100, special: 600 } as const;

type Tier = keyof typeof TIERS;

const TIER_OF: Record<string, Tier> = {
  'conversations.create': 2,
  'conversations.archive': 2,
  'conversations.unarchive': 2,
  'conversations.rename': 2,
  'conversations.setTopic': 2,
  'conversations.setPurpose': 2,
  'conversations.list': 2,
  'conversations.members': 4,
  'chat.postMessage': 'special',
  'chat.postEphemeral': 4,
  'chat.getPermalink': 'special',
  'auth.test': 'special',
  'api.test': 4,
  'users.info': 4,
  'users.profile.get': 4,
  'users.list': 2,
  'usergroups.list': 2,
  'usergroups.users.list': 2,
  'pins.add': 2,
  'pins.remove': 2,
  'pins.list': 2,
  'bookmarks.add': 2,
  'bookmarks.edit': 2,
  'bookmarks.remove': 2,
  'reactions.remove': 2,
  'reactions.list': 2,
  'files.getUploadURLExternal': 4,
  'files.completeUploadExternal': 4,
  'files.info': 4,
  'views.open': 4,
  'views.update': 4,
  'views.push': 4,
  'views.publish': 4,
  'emoji.list': 2,
};

interface Bucket {
  tokens: number;
  at: number;
}

/** Token buckets: one per method, and one per channel for posting. */
export interface RateLimits {
  /** Takes one call. Returns the seconds to wait when there is none left, else undefined. */
  call(method: string): number | undefined;
  /** Takes one post to a channel: one a second after the burst. */
  post(channel: string): number | undefined;
  reset(): void;
}

/** `now` is in milliseconds. A tier's nominal minute may be spent at once; the documentation promises no more. */
export function createRateLimits(now: () => number, channelBurst: number): RateLimits {
  const buckets = new Map<string, Bucket>();
  const take = (key: string, capacity: number, perSecond: number): number | undefined => {
    const at = now();
    const bucket = buckets.get(key) ?? { tokens: capacity, at };
    bucket.tokens = Math.min(capacity, bucket.tokens + ((at - bucket.at) / 1000) * perSecond);
    bucket.at = at;
    buckets.set(key, bucket);
    if (bucket.tokens < 1) return Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond));
    bucket.tokens -= 1;
    return undefined;
  };
  return {
    call(method) {
      const perMinute = TIERS[TIER_OF[method] ?? 3];
      return take(`method:${method}`, perMinute, perMinute / 60);
    },
    post: (channel) => take(`channel:${channel}`, channelBurst, 1),
    reset: () => buckets.clear(),
  };
}
