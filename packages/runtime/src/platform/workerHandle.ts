/** A running worker. */
export interface WorkerHandle {
  post(message: unknown): void;
  stop(): void;
}
