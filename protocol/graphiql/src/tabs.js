// The tabs to begin with: those of the last visit, else the examples.

const STORED = 'graphiql:tabState';

/**
 * What GraphiQL's editors show first. It would take the tabs from `defaultTabs` and leave the
 * variables of the first one out; so it is told the text of the active tab as well.
 */
export function initialTabs() {
  const { tabs, activeTabIndex } = lastVisit() ?? { tabs: EXAMPLES, activeTabIndex: 0 };
  const { query, variables } = tabs[activeTabIndex];
  return {
    defaultTabs: EXAMPLES,
    initialQuery: query ?? '',
    initialVariables: variables ?? '',
  };
}

function lastVisit() {
  try {
    const stored = JSON.parse(localStorage.getItem(STORED));
    return stored.tabs[stored.activeTabIndex] ? stored : undefined;
  } catch {
    return undefined;
  }
}
