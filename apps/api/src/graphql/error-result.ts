import { Field, InterfaceType, ObjectType } from '@nestjs/graphql';

/** What may come of a mutation beside success, as a member of its result's union: expected, so no error of the protocol. */
@InterfaceType({ description: 'Why nothing was done, and what to do about it.' })
export abstract class ErrorResult {
  @Field({ description: 'For people.' })
  message: string;
}

/** Type of an outcome that carries nothing but its message: its name says what it is. */
export function errorResult(name: string, description: string) {
  @ObjectType(name, { description, implements: () => [ErrorResult] })
  class Outcome extends ErrorResult {
    readonly kind = name;

    constructor(message: string) {
      super();
      this.message = message;
    }
  }
  return Outcome;
}
