/** The client library, imported when the first query is made. */
export { PrometheusDriver } from 'prometheus-query';
