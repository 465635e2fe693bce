/** What the API tells the process that started it, once. */
export interface ReadyMessage {
  readonly ready: true;
  readonly name: string;
  readonly httpPort: number;
  /** Of GraphQL over HTTP. */
  readonly url: string;
  /** Of /live, /ready, /status and /metrics. */
  readonly healthPort: number;
}
