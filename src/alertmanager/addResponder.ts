import { isMap, isSeq, parseDocument, YAMLMap, YAMLSeq } from 'yaml';
import {
  RESPONDER_RECEIVER,
  RESPONDER_RECEIVER_TEXT,
  RESPONDER_ROUTES,
} from '../../manifests/alertmanager/responderRoutes.ts';
import { ResponderError } from '../errors.ts';

/**
 * A team's configuration with the responder's two routes first and everything the team had, unchanged, under one child route
 * after them. Comments stay.
 * @param text a configuration that `parseConfiguration` could read.
 * @throws ResponderError config_invalid when a receiver of that name is there and is something else.
 */
export function addResponder(file: string, text: string): string {
  const document = parseDocument(text, { merge: true });
  const root = document.get('route', true);
  const receivers = document.get('receivers', true);
  if (!isMap(root) || !isSeq(receivers))
    throw new ResponderError(
      'config_invalid',
      `${file}: route and receivers are YAML aliases, which cannot be added to`,
    );
  if (receivers.items.some((one) => isMap(one) && one.get('name') === RESPONDER_RECEIVER))
    throw new ResponderError('config_invalid', `${file}: another receiver is called ${RESPONDER_RECEIVER} already`, {
      hint: 'Rename it first, or point its webhook at the responder.',
    });
  const theirs = new YAMLMap();
  theirs.set('receiver', document.createNode(root.get('receiver')));
  const routes = root.get('routes', true);
  if (isSeq(routes) && routes.items.length > 0) theirs.set('routes', routes);
  theirs.commentBefore = ' Everything there was before, unchanged.';
  const all = new YAMLSeq();
  all.items = [...RESPONDER_ROUTES.map((route) => document.createNode(route)), theirs];
  root.set('routes', all);
  receivers.add(document.createNode(RESPONDER_RECEIVER_TEXT));
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}
