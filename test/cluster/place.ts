import type { ApiClient } from './apiClient.ts';
import type { Told } from './kubeletDoor.ts';

/** Where the same stories and assertions run: a real Kubernetes, or the simulator. */
export interface Place {
  /** `Kubernetes v1.34.4`, `the simulator`. */
  readonly name: string;
  readonly server: string;
  /** A user who may do everything. */
  readonly api: ApiClient;
  /** A kubeconfig file of that user, for kubectl. */
  readonly adminKubeconfig: string;
  /** A kubeconfig file of the bot's own account. */
  readonly botKubeconfig: string;
  /** Log lines, measured usage, nodes that fall silent: what only a kubelet knows. */
  tell(told: Told): Promise<void>;
  /** Installs the CustomResourceDefinitions of what the product reads, where they are not there from the start. */
  define(): Promise<void>;
  close(): Promise<void>;
}
