import type { Migration } from 'kysely/migration';
import { initial } from './0001_initial.ts';
import { cardGroups } from './0002_card_groups.ts';
import { mentionsAt } from './0003_mentions_at.ts';
import { ownChannels } from './0004_own_channels.ts';
import { postsAge } from './0005_posts_age.ts';
import { meters } from './0006_meters.ts';
import { expiredNews } from './0007_expired_news.ts';
import { deliverySize } from './0008_delivery_size.ts';
import { groupChannels } from './0009_group_channels.ts';
import { handedOver } from './0010_handed_over.ts';
import { postsHandedOver } from './0011_posts_handed_over.ts';
import { onceIncident } from './0012_once_incident.ts';
import { jobExpiries } from './0013_job_expiries.ts';
import { seen } from './0014_seen.ts';
import { deliverySlices } from './0015_delivery_slices.ts';
import { alertActivity } from './0016_alert_activity.ts';
import { severitySource } from './0017_severity_source.ts';
import { alertTenant } from './0018_alert_tenant.ts';

/** Every migration by name, in order. One that was released is never edited: a change is a new one. */
export function migrations(engine: 'sqlite' | 'postgres'): Readonly<Record<string, Migration>> {
  return {
    '0001_initial': initial(engine),
    '0002_card_groups': cardGroups(engine),
    '0003_mentions_at': mentionsAt,
    '0004_own_channels': ownChannels,
    '0005_posts_age': postsAge,
    '0006_meters': meters,
    '0007_expired_news': expiredNews,
    '0008_delivery_size': deliverySize(engine),
    '0009_group_channels': groupChannels,
    '0010_handed_over': handedOver,
    '0011_posts_handed_over': postsHandedOver,
    '0012_once_incident': onceIncident,
    '0013_job_expiries': jobExpiries,
    '0014_seen': seen,
    '0015_delivery_slices': deliverySlices,
    '0016_alert_activity': alertActivity(engine),
    '0017_severity_source': severitySource(engine),
    '0018_alert_tenant': alertTenant(engine),
  };
}
