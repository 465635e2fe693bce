import { Catch, type ExceptionFilter } from '@nestjs/common';

/** Nest would log every error that a resolver throws; `describeToClient` decides which ones are news. */
@Catch()
export class PassOnFilter implements ExceptionFilter {
  catch(error: unknown): unknown {
    return error;
  }
}
