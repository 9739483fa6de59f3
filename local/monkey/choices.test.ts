import { expect, test } from 'vitest'
import { isHere } from './choices.ts'

test.each([
  'http://localhost:3000',
  'http://127.0.0.1:3000/dev',
  'http://[::1]:3000',
  'https://abc.execute-api.localhost.localstack.cloud:4566/dev',
])('%s is on this machine', (url) => {
  expect(isHere(url)).toBe(true)
})

test.each([
  'https://wallet.example.com',
  'http://localhost.example.com',
  'http://127.0.0.1.example.com',
  'http://10.0.0.1',
])('%s is not', (url) => {
  expect(isHere(url)).toBe(false)
})
