import type { Type } from '@nestjs/common';
import { Field, ObjectType } from '@nestjs/graphql';
import type { Page } from '@openimo/persistence';

@ObjectType({ description: 'Relay: where a page ends.' })
export class PageInfo {
  @Field()
  hasNextPage: boolean;

  @Field({ description: 'True after a cursor was given: there is no paging backwards.' })
  hasPreviousPage: boolean;

  @Field(() => String, { nullable: true })
  startCursor: string | null;

  @Field(() => String, { nullable: true, description: 'Pass it on as `after` for the next page.' })
  endCursor: string | null;
}

export interface Connection<Node> {
  edges: { node: Node; cursor: string }[];
  nodes: Node[];
  pageInfo: PageInfo;
}

/** The Relay connection type of a node type, e.g. `FamilyConnection`. */
export function connectionOf<Node extends object>(node: Type<Node>): Type<Connection<Node>> {
  @ObjectType(`${node.name}Edge`)
  class Edge {
    @Field(() => node)
    node: Node;

    @Field()
    cursor: string;
  }

  @ObjectType(`${node.name}Connection`)
  class NodeConnection implements Connection<Node> {
    @Field(() => [Edge])
    edges: Edge[];

    @Field(() => [node], { description: 'The edges without their cursors.' })
    nodes: Node[];

    @Field(() => PageInfo)
    pageInfo: PageInfo;
  }
  return NodeConnection;
}

export function toConnection<Row>({ edges, hasNextPage }: Page<Row>, after?: string): Connection<Row> {
  return {
    edges: [...edges],
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage,
      hasPreviousPage: after !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
