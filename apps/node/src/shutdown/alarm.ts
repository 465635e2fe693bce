export { Alarm } from '@openimo/service';
