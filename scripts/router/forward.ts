import type { IncomingMessage, ServerResponse } from "node:http";
import { answerError } from "#mesh/edge/refusals.ts";
import type { Connection, Patience } from "./connection.ts";
import { keepConnections } from "./connections.ts";
import { type Failure, tell } from "./failures.ts";
import { type OwnHeader, passAnswer } from "./pass-answer.ts";
import { type Passing, passRequest } from "./pass-request.ts";
import type { Route } from "./routes.ts";

/** Sends requests on to services, over connections that it keeps. */
export type Forwarder = Disposable & {
  /** Sends one on; the header of our own is for answers that have none of that name. */
  readonly forward: (
    call: { readonly request: IncomingMessage; readonly response: ServerResponse },
    route: Route,
    own: OwnHeader,
  ) => void;
};

/**
 * Makes what sends requests on; both ways flow as they come, and an end on one side ends both. It
 * speaks HTTP/1.1 to the services itself: Node's own client costs as much as the rest of the router.
 */
export function createForwarder(patience: Patience = {}): Forwarder {
  const connections = keepConnections(patience);
  const forward: Forwarder["forward"] = ({ request, response }, { address, service }, own) => {
    let connection: Connection | undefined;
    let passing: Passing | undefined;
    let isOver = false;
    const over = () => {
      isOver = true;
      connection = undefined;
      passing?.stop();
    };
    const answering = passAnswer(response, own, (flows) => connection?.flow(flows));
    const asker = {
      ...answering,
      end: () => {
        over();
        answering.end();
      },
      drain: () => passing?.drain(),
      fail: (failure: Failure) => {
        over();
        if (!response.headersSent) response.setHeader(...own);
        answerError(response, ...tell(failure, service));
      },
    };
    passing = passRequest(request, address, () => {
      connection = connections.ask(address, request.method ?? "", asker);
      return connection;
    });
    response.on("close", () => {
      if (isOver) return; // otherwise the caller has left
      connection?.destroy();
      over();
    });
  };
  return { forward, [Symbol.dispose]: () => connections[Symbol.dispose]() };
}
