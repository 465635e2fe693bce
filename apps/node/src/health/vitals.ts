export { Vitals } from '@openimo/service';
