// "Signed in as" and a list of the demo viewers.

import { useState } from 'react';

export function ViewerMenu({ session }) {
  const [username, setUsername] = useState(session.viewer?.username ?? '');

  function choose({ target }) {
    session.signIn(target.value);
    setUsername(target.value);
  }

  return (
    <label className="pinery-viewer">
      <span>Signed in as</span>
      <select value={username} onChange={choose}>
        <option value="">nobody</option>
        {session.viewers.map(({ username, fullName }) => (
          <option key={username} value={username}>
            {fullName}
          </option>
        ))}
      </select>
    </label>
  );
}
