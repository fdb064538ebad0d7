// GraphiQL for Pinery: example operations in tabs, and a demo viewer to run them as.

import 'graphiql/style.css';
import './style.css';
import './workers.js';

import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';

import { createFetcher } from './fetcher.js';
import { demoViewers, Session } from './session.js';
import { ViewerMenu } from './viewer-menu.jsx';

const root = document.getElementById('pinery');
const { endpoint } = root.dataset;
const icon = document.querySelector('link[rel=icon]').href;
const session = new Session('demoViewers' in root.dataset ? await demoViewers(endpoint) : []);

createRoot(root).render(
  <GraphiQL
    fetcher={createFetcher(endpoint, session)}
    defaultTabs={EXAMPLES}
    defaultEditorToolsVisibility="variables"
  >
    <GraphiQL.Logo>
      <div className="pinery-corner">
        {session.viewers.length > 0 && <ViewerMenu session={session} />}
        <span className="pinery-name">
          <img src={icon} alt="" />
          Pinery
        </span>
      </div>
    </GraphiQL.Logo>
  </GraphiQL>,
);
