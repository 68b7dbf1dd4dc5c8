import { isObject } from './foreignBody.ts';

/** What a topic of Amazon SNS delivered: the text of the message, its subject, and when it was published. */
export interface SnsNotification {
  readonly topic: string;
  readonly subject: string | null;
  readonly message: string;
  readonly timestamp: string | null;
}

const MAX_NAME = 200;

/**
 * A notification of SNS as a delivery of Alertmanager. Amazon Managed Service for Prometheus sends what its template
 * says: the JSON of a webhook where the template of docs/senders.md is set, else a text, which is one alert named by
 * the subject (`[FIRING:1] HighLatency ...`). An alarm of CloudWatch is one alert, named as the alarm.
 */
export function deliveryOfSns({ topic, subject, message, timestamp }: SnsNotification): unknown {
  const json = parsed(message);
  if (isObject(json) && Array.isArray(json.alerts)) return json;
  const alarm = isObject(json) && typeof json.AlarmName === 'string' ? alarmOf(json, json.AlarmName) : null;
  const alert = alarm ?? textAlert(subject, message, timestamp);
  return { version: '4', groupKey: `sns:${topic}`, receiver: 'sns', alerts: [alert] };
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html */
function alarmOf(json: Readonly<Record<string, unknown>>, name: string): unknown {
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const trigger = isObject(json.Trigger) ? json.Trigger : {};
  const dimensions = Array.isArray(trigger.Dimensions) ? trigger.Dimensions.filter(isObject) : [];
  return {
    status: json.NewStateValue === 'OK' ? 'resolved' : 'firing',
    labels: {
      ...Object.fromEntries(dimensions.map(({ name: label, value }) => [text(label), text(value)])),
      alertname: name,
      aws_account: text(json.AWSAccountId),
      region: text(json.Region),
    },
    annotations: { summary: text(json.AlarmDescription), description: text(json.NewStateReason) },
    startsAt: rfc3339(text(json.StateChangeTime)),
  };
}

function textAlert(subject: string | null, message: string, timestamp: string | null): unknown {
  const said = subject?.trim() || message.trim().split('\n', 1)[0]?.trim() || 'SNS notification';
  const [, state, rest = said] = /^\[(FIRING|RESOLVED)(?::\d+)?\]\s*(.*)$/i.exec(said) ?? [];
  return {
    status: state?.toUpperCase() === 'RESOLVED' ? 'resolved' : 'firing',
    labels: { alertname: (rest || said).slice(0, MAX_NAME) },
    annotations: { description: message },
    startsAt: timestamp ?? '',
  };
}

/** CloudWatch writes `+0000`, which is no RFC 3339. */
function rfc3339(text: string): string {
  return text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
