import { Controller, Delete, Head, Inject, Options, Param, Patch, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { Address } from '@openimo/domain';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { authorize } from '../auth/authorize.js';
import { HttpErrorFilter } from '../auth/http-error.filter.js';
import { refuseForeignOrigin } from '../auth/own-page.js';
import type { ApiConfig } from '../config/config.js';
import type { Authenticator } from '../graphql/authenticator.js';
import { AUTHENTICATOR, CONFIG } from '../platform/tokens.js';
import { checkContentType, checkVersion, readLength, readMetadata, TUS_EXTENSIONS, TUS_VERSION } from './tus.js';
import { type Body, UploadService, type UploadState } from './upload.service.js';

/** Resumable uploads of ONNX files by the tus protocol 1.0.0, for any of its clients. `Upload-Metadata` names the draft. */
@Controller('uploads')
@UseFilters(HttpErrorFilter)
export class UploadController {
  constructor(
    private readonly uploads: UploadService,
    @Inject(CONFIG) private readonly config: ApiConfig,
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
  ) {}

  @Options()
  options(@Res() response: ServerResponse): void {
    const most = String(this.config.limits.uploadBytes);
    response.writeHead(204, {
      ...TUS,
      'tus-version': TUS_VERSION,
      'tus-extension': TUS_EXTENSIONS,
      'tus-max-size': most,
    });
    response.end();
  }

  @Post()
  async create(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    const account = await this.#admit(request);
    const { draftId, sha256, all: metadata } = readMetadata(request.headers);
    const sizeBytes = readLength(request.headers, 'upload-length', 1);
    const state = await this.uploads.create(account, { draftId, sizeBytes, sha256, metadata });
    response.writeHead(201, { ...headersOf(state), location: `/uploads/${state.uploadId}` });
    response.end();
  }

  @Head(':uploadId')
  async state(
    @Param('uploadId') uploadId: string,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const state = await this.uploads.state(await this.#admit(request), uploadId);
    response.writeHead(200, { ...headersOf(state), 'upload-length': state.sizeBytes });
    response.end();
  }

  @Patch(':uploadId')
  async append(
    @Param('uploadId') uploadId: string,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const account = await this.#admit(request);
    checkContentType(request.headers);
    const offset = readLength(request.headers, 'upload-offset', 0);
    const state = await this.uploads.append(account, uploadId, offset, bodyOf(request));
    response.writeHead(204, headersOf(state));
    response.end();
  }

  @Delete(':uploadId')
  async remove(
    @Param('uploadId') uploadId: string,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    await this.uploads.remove(await this.#admit(request), uploadId);
    response.writeHead(204, TUS);
    response.end();
  }

  async #admit(request: IncomingMessage): Promise<Address> {
    refuseForeignOrigin(this.config, request);
    checkVersion(request.headers);
    const viewer = await this.authenticator.authenticate({ headers: request.headers });
    return authorize({ viewer }, 'publish').address;
  }
}

const TUS = { 'tus-resumable': TUS_VERSION, 'cache-control': 'no-store' };

function headersOf({ offset, expiresAt }: UploadState) {
  return { ...TUS, 'upload-offset': offset, 'upload-expires': expiresAt.toUTCString() };
}

function bodyOf(request: IncomingMessage): Body {
  const length = request.headers['content-length'];
  return {
    announcedBytes: length === undefined ? undefined : Number(length),
    async *chunks(signal) {
      const onAbort = () => request.destroy(signal.reason as Error);
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        signal.throwIfAborted();
        // Left open when the loop ends early: the answer goes out on the same socket.
        yield* request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    },
  };
}
