// Who is signed in. Only a development server has demo viewers; elsewhere nobody ever is.

const STORED = 'pinery:viewer';

export class Session {
  /** `viewers` are `{ username, fullName, token }`, as the server lists them. */
  constructor(viewers) {
    this.viewers = viewers;
    // The first visit is signed in: an anonymous home feed is empty. '' is a choice, too.
    this.signIn(sessionStorage.getItem(STORED) ?? viewers[0]?.username ?? '');
  }

  /** Signs in as the viewer of that name; any other name signs out. */
  signIn(username) {
    this.viewer = this.viewers.find((each) => each.username === username);
    if (this.viewers.length > 0) sessionStorage.setItem(STORED, this.viewer?.username ?? '');
  }

  /** The headers that say who is asking: none when nobody is signed in. */
  get headers() {
    return this.viewer ? { authorization: `Bearer ${this.viewer.token}` } : {};
  }
}

/** The demo viewers of the server at `endpoint`; none when it cannot tell. */
export async function demoViewers(endpoint) {
  try {
    const response = await fetch(`${endpoint}/demo-viewers`);
    return response.ok ? await response.json() : [];
  } catch {
    return [];
  }
}
