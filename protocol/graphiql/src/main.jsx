// GraphiQL for Pinery: example operations in tabs, and a demo viewer to run them as.

import 'graphiql/style.css';
import './style.css';
import './workers.js';

import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';

import { createFetcher } from './fetcher.js';
import { demoViewers, Session } from './session.js';
import { initialTabs } from './tabs.js';
import { usePlainUnicode } from './unicode.js';
import { ViewerMenu } from './viewer-menu.jsx';

const root = document.getElementById('pinery');
const { endpoint } = root.dataset;
const session = new Session('demoViewers' in root.dataset ? await demoViewers(endpoint) : []);

function Corner() {
  usePlainUnicode();
  return (
    <div className="pinery-corner">
      {session.viewers.length > 0 && <ViewerMenu session={session} />}
      <span className="pinery-name">
        <img src={document.querySelector('link[rel=icon]').href} alt="" />
        Pinery
      </span>
    </div>
  );
}

createRoot(root).render(
  <GraphiQL
    {...initialTabs()}
    fetcher={createFetcher(endpoint, session)}
    defaultEditorToolsVisibility="variables"
  >
    <GraphiQL.Logo>
      <Corner />
    </GraphiQL.Logo>
  </GraphiQL>,
);
