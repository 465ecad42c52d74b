/**
 * What is opened, whoever made the file: containers that hold their media themselves. Playlists (HLS, DASH, concat) and
 * pictures by pattern are not among them, since those name other files and hosts.
 */
export const formatWhitelist: string =
  'mov,matroska,avi,mpeg,mpegts,mpegvideo,flv,asf,ogg,mxf,h264,hevc,m4v,ivf,nut,rm,dv,gif,yuv4mpegpipe,wav,w64,mp3,flac,aac,ac3,eac3,aiff,amr,caf,ape,wv,tta,au,dts'

/** Protocols that the libraries may open by themselves. */
export const protocolWhitelist: string = 'file,pipe'

/** Of one frame, as for pictures: 16,383². */
export const maxPixels: number = 0x3fff * 0x3fff

/** More than that many threads decode hardly faster and hold a frame each. */
export const maxThreads: number = 4

export const defaultStallMs: number = 60_000
