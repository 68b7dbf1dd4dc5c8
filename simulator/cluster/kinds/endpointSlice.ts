import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { ageColumn, column, defineKind, type Kind, nameColumn } from '../kind.ts';
import { firstOf } from './layout.ts';

const endpointSlice = defineKind<EndpointSlice>({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  columns: [
    nameColumn,
    column('AddressType', (one) => one.addressType),
    column('Ports', (one) => {
      const ports = (one.ports ?? []).map((port) => String(port.port ?? port.name ?? '*'));
      return firstOf(ports, 3) || '<unset>';
    }),
    column('Endpoints', (one) => {
      const addresses = (one.endpoints ?? []).flatMap((endpoint) => endpoint.addresses);
      return firstOf(addresses, 3) || '<unset>';
    }),
    ageColumn,
  ],
});

export const discoveryKinds: readonly Kind[] = [endpointSlice];
