const Sequencer = require('@jest/test-sequencer').default;

/**
 * By name; the crowd after all others, since controllers are slow beside it, and the audit log at the end, when everything
 * has been asked of the cluster.
 */
const LAST = ['crowd', 'privilege'];

module.exports = class extends Sequencer {
  sort(tests) {
    const key = ({ path }) => `${LAST.findIndex((name) => path.includes(`/${name}.`)) + 1} ${path}`;
    return [...tests].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  }
};
