import { reply, startChild, toErrorMessage } from '@openimo/inference';
import { Player } from './player.js';
import type { PlayerReply, PlayerRequest } from './player-task.js';

const player = new Player();

startChild<PlayerRequest>(async (request) => {
  reply(await answer(request));
});

async function answer(request: PlayerRequest): Promise<PlayerReply> {
  try {
    switch (request.type) {
      case 'trace':
        return { type: 'trace', trace: await player.trace(request) };
      case 'run':
        return { type: 'output', output: await player.run(request) };
      case 'move':
        return { type: 'move', move: await player.nextMove(request) };
      case 'timeout':
        return { type: 'move', move: await player.timeout(request) };
    }
  } catch (error) {
    return { type: 'failed', error: toErrorMessage(error, 'TraceFailed', 'TraceOutOfMemory') };
  }
}
